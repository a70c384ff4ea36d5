import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigError } from '../../../src/config/index.js';
import { loadConfig, type LoadedConfig, type OptionKey } from '../../../src/config/index.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const folder = makeTempDir('config');
afterAll(() => removeTempDir(folder));

function file(text: string, name = 'marconi.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Given {
  readonly file?: string;
  readonly env?: Record<string, string>;
  readonly flags?: Partial<Record<OptionKey, [string, string]>>;
}

function load({ env = {}, flags = {}, ...rest }: Given): LoadedConfig {
  const entries = Object.entries(flags) as [OptionKey, [string, string]][];
  return loadConfig({ env, flags: new Map(entries.map(([key, [name, value]]) => [key, { name, value }])), ...rest });
}

function problems(given: Given): readonly string[] {
  try {
    load(given);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
}

describe('where a value comes from', () => {
  test('nothing given: every value is its default', () => {
    const { settings, origins } = load({});
    expect(settings.storage).toBe('sqlite:./data/marconi.db');
    expect(settings.grpc.listen).toBe('127.0.0.1:8889');
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  test('the file wins over the default, the environment over the file, the command line over both', () => {
    const path = file('commit:\n  maxSteps: 10\n  maxBytes: 2000000\ngrpc.maxConcurrentStreams: 7\n');
    const { values, origins } = load({
      file: path,
      env: { MARCONI_COMMIT_MAX_STEPS: '11', MARCONI_COMMIT_MAX_BYTES: '3000000' },
      flags: { 'commit.maxSteps': ['--commit-max-steps', '12'] },
    });
    expect(values['commit.maxSteps']).toBe(12);
    expect(origins['commit.maxSteps']).toBe('--commit-max-steps');
    expect(values['commit.maxBytes']).toBe(3_000_000);
    expect(origins['commit.maxBytes']).toBe('MARCONI_COMMIT_MAX_BYTES');
    expect(values['grpc.maxConcurrentStreams']).toBe(7);
    expect(origins['grpc.maxConcurrentStreams']).toBe(`${path}:4`);
  });

  test('MARCONI_CONFIG names the file; --config wins over it', () => {
    const first = file('dedupWindow: 61', 'first.yaml');
    const second = file('{"dedupWindow": 62}', 'second.json');
    expect(load({ env: { MARCONI_CONFIG: first } }).values.dedupWindow).toBe(61);
    expect(load({ file: second, env: { MARCONI_CONFIG: first } }).values.dedupWindow).toBe(62);
  });

  test('an empty file is a file without options', () => {
    expect(load({ file: file('# nothing\n') }).values.storage).toBe('sqlite:./data/marconi.db');
  });
});

describe('what stops the start', () => {
  test('an unknown key in the file, with its line', () => {
    const path = file('storage: "memory:"\ngrpc:\n  listens: 127.0.0.1:1\n');
    expect(problems({ file: path })).toEqual([`unknown option grpc.listens (from ${path}:3)`]);
  });

  test('a former name of a limit: only the current names are read', () => {
    expect(problems({ file: file('max_messages_per_page: 5') })[0]).toContain('unknown option max_messages_per_page');
  });

  test('an unknown variable', () => {
    expect(problems({ env: { MARCONI_STORRAGE: 'memory:' } })).toEqual([
      'unknown option MARCONI_STORRAGE (from the environment)',
    ]);
  });

  test.each<[string, Given, string]>([
    [
      'a word for a number, from the environment',
      { env: { MARCONI_COMMIT_MAX_STEPS: 'many' } },
      'commit.maxSteps (from MARCONI_COMMIT_MAX_STEPS): expected a whole number from 1 to 10000 (steps), got "many"',
    ],
    [
      'a number out of range, from the command line',
      { flags: { 'limits.maxClaimTtl': ['--limits-max-claim-ttl', '59'] } },
      'limits.maxClaimTtl (from --limits-max-claim-ttl): expected a whole number from 60 to 316224000 (s), got 59',
    ],
    [
      'an address without a port',
      { flags: { 'grpc.listen': ['--grpc-listen', 'localhost'] } },
      'grpc.listen (from --grpc-listen): expected HOST:PORT or unix:PATH, got "localhost"',
    ],
    [
      'a storage without a driver',
      { env: { MARCONI_STORAGE: 'redis://x' } },
      'storage (from MARCONI_STORAGE): expected sqlite:PATH, memory: or mongodb://HOSTS/DATABASE, got "redis://x"',
    ],
    [
      'a word that is none of the choice',
      { env: { MARCONI_AUTH_STRATEGY: 'keystone' } },
      'auth.strategy (from MARCONI_AUTH_STRATEGY): expected none, got "keystone"',
    ],
    [
      'a fraction of a byte',
      { env: { MARCONI_SQLITE_RESERVE_BYTES: '1.5' } },
      'sqlite.reserveBytes (from MARCONI_SQLITE_RESERVE_BYTES): expected a whole number from 0 to 1099511627776 (bytes), got 1.5',
    ],
    [
      'text for a truth value',
      { env: { MARCONI_AUTH_ALLOW_OPEN_LISTEN: 'yes' } },
      'auth.allowOpenListen (from MARCONI_AUTH_ALLOW_OPEN_LISTEN): expected true or false, got "yes"',
    ],
    [
      'half of a TLS pair',
      { env: { MARCONI_GRPC_TLS_CERT: 'cert.pem' } },
      'grpc.tls.key: expected a file name because grpc.tls.cert is set (from MARCONI_GRPC_TLS_CERT), got nothing',
    ],
    [
      'requests too short for the longest post',
      { env: { MARCONI_GRPC_MAX_MESSAGE_BYTES: '300000' } },
      'grpc.maxMessageBytes (from MARCONI_GRPC_MAX_MESSAGE_BYTES): expected at least limits.maxMessageSize + 65536 = 327680, got 300000',
    ],
  ])('%s', (_, given, problem) => {
    expect(problems(given)).toEqual([problem]);
  });

  test('a number written as text in the file: a file has types', () => {
    const path = file('dedupWindow: "3600"');
    expect(problems({ file: path })[0]).toContain(`dedupWindow (from ${path}:1): expected a whole number`);
  });

  test('a list or an alias in place of a value', () => {
    expect(problems({ file: file('storage: [a, b]') })[0]).toContain('storage (from');
    expect(problems({ file: file('a: &x {b: 1}\ngrpc: *x') }).join()).toContain('unknown option grpc');
  });

  test('a file that is not there, is not YAML, or names an option twice', () => {
    expect(problems({ file: join(folder, 'absent.yaml') })[0]).toContain('cannot be read');
    expect(problems({ file: file('a: [') })[0]).toContain('marconi.yaml');
    expect(problems({ file: file('storage: "memory:"\nstorage: "memory:"') })[0]).toContain('unique');
    expect(problems({ file: file('grpc.listen: 127.0.0.1:1\ngrpc: {listen: 127.0.0.1:2}') })[0]).toContain('twice');
  });

  test('all problems are told at once', () => {
    const given = { env: { MARCONI_DEDUP_WINDOW: '1', MARCONI_NOPE: '', MARCONI_GATEWAY_MAX_IN_FLIGHT: '0' } };
    expect(problems(given)).toHaveLength(3);
  });

  test('a long value is shown shortened', () => {
    expect(problems({ env: { MARCONI_STORAGE: 'x'.repeat(500) } })[0]!.length).toBeLessThan(160);
  });
});

describe('strategy none listens on the loopback only', () => {
  const open = ['0.0.0.0:1', '[::]:1', '192.168.1.5:80', 'example.org:80', '128.0.0.1:1'];
  test.each(open)('%s is refused, unless the operator allows it', (address) => {
    const env = { MARCONI_GATEWAY_LISTEN: address };
    expect(problems({ env })[0]).toContain('set auth.allowOpenListen to true');
    expect(problems({ env: { ...env, MARCONI_AUTH_ALLOW_OPEN_LISTEN: 'true' } })).toEqual([]);
  });

  test.each(['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', 'localhost:1'])('%s is taken', (address) => {
    expect(problems({ env: { MARCONI_GRPC_LISTEN: address, MARCONI_METRICS_LISTEN: address } })).toEqual([]);
  });

  test('a unix socket is taken', () => {
    expect(problems({ env: { MARCONI_GRPC_LISTEN: 'unix:/tmp/x.sock' } })).toEqual([]);
  });

  test('the metrics tell names of queues: the same rule', () => {
    expect(problems({ env: { MARCONI_METRICS_LISTEN: '0.0.0.0:1' } })[0]).toContain('telemetry.metrics.listen');
  });
});
