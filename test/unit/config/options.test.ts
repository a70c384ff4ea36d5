import { envName, flagName, loadConfig, OPTION_KEYS, OPTIONS } from '../../../src/config/index.js';
import { childEnvironment } from '../../../src/config/child-env.js';
import { parseListen, formatListen } from '../../../src/config/listen.js';
import { parseStorageUri } from '../../../src/config/storage-uri.js';
import { configRows, configTable } from '../../../src/config/print.js';
import { redactUri } from '../../../src/domain/redact-uri.js';

const rows = OPTION_KEYS.map((key) => ({ key, option: OPTIONS[key] }));

describe('the table of options', () => {
  test('every default is one that its own schema takes', () => {
    for (const { key, option } of rows) {
      expect({ key, ok: option.schema.safeParse(option.default).success }).toEqual({ key, ok: true });
    }
  });

  test('every option says why, and every number has a unit', () => {
    for (const { key, option } of rows) {
      expect({ key, reason: option.reason.length > 20 }).toEqual({ key, reason: true });
      if (typeof option.default === 'number') expect({ key, unit: option.unit !== '' }).toEqual({ key, unit: true });
    }
  });

  test('flags and variables are of one kind and no two alike', () => {
    const flags = rows.map(({ key, option }) => flagName(key, option));
    for (const flag of flags) expect(flag).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(new Set(flags).size).toBe(rows.length);
    expect(new Set(rows.map(({ key, option }) => envName(key, option))).size).toBe(rows.length);
  });

  test.each([
    ['storage', '--storage', 'MARCONI_STORAGE'],
    ['gateway.listen', '--gateway-listen', 'MARCONI_GATEWAY_LISTEN'],
    ['grpc.listen', '--grpc-listen', 'MARCONI_GRPC_LISTEN'],
    ['gateway.core', '--core', 'MARCONI_CORE'],
    ['telemetry.metrics.listen', '--metrics-listen', 'MARCONI_METRICS_LISTEN'],
    ['auth.strategy', '--auth-strategy', 'MARCONI_AUTH_STRATEGY'],
    ['commit.maxWaitingSteps', '--commit-max-waiting-steps', 'MARCONI_COMMIT_MAX_WAITING_STEPS'],
  ] as const)('%s is %s and %s', (key, flag, variable) => {
    expect(flagName(key, OPTIONS[key])).toBe(flag);
    expect(envName(key, OPTIONS[key])).toBe(variable);
  });
});

test('a child process loads the same options, whatever the file becomes', () => {
  const env = { MARCONI_COMMIT_MAX_STEPS: '12', MARCONI_AUTH_ALLOW_OPEN_LISTEN: 'true', MARCONI_TRACES_RATIO: '0.5' };
  const parent = loadConfig({ env, flags: new Map() });
  const given = childEnvironment(parent, { 'gateway.core': 'unix:/run/x.sock' });
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => name.startsWith('MARCONI_')));
  const child = loadConfig({ env: own, flags: new Map() });
  expect(child.values).toEqual({ ...parent.values, 'gateway.core': 'unix:/run/x.sock' });
});

test('the printed table has a line for every option and where it came from', () => {
  const config = loadConfig({ env: { MARCONI_STORAGE: 'memory:' }, flags: new Map() });
  const lines = configTable(config).split('\n');
  expect(lines).toHaveLength(rows.length + 1);
  expect(lines.find((line) => line.startsWith('storage '))).toMatch(/^storage +memory: +URI +MARCONI_STORAGE$/);
  expect(configRows(config).find((row) => row.key === 'storage')).toMatchObject({
    value: 'memory:',
    origin: 'MARCONI_STORAGE',
    default: 'sqlite:./data/marconi.db',
  });
});

test.each([
  ['127.0.0.1:80', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
  ['[::1]:0', { kind: 'tcp', host: '::1', port: 0 }],
  ['example.org:65535', { kind: 'tcp', host: 'example.org', port: 65_535 }],
  ['unix:/run/a b.sock', { kind: 'unix', path: '/run/a b.sock' }],
])('the address %s is read, and written as it was', (text, address) => {
  expect(parseListen(text)).toEqual(address);
  expect(formatListen(parseListen(text)!)).toBe(text);
});

test.each([
  '',
  '80',
  ':80',
  'a:',
  'a:65536',
  'a:-1',
  '::1:80',
  '[1.2.3.4]:80',
  '[zz]:1',
  'unix:',
  'http://a:80',
  'a b:1',
])('the address %p is refused', (text) => {
  expect(parseListen(text)).toBeNull();
});

test.each([
  ['sqlite:./data/a.db', { driver: 'sqlite', path: './data/a.db' }],
  ['sqlite:/var/a.db', { driver: 'sqlite', path: '/var/a.db' }],
  ['sqlite:///var/a.db', { driver: 'sqlite', path: '/var/a.db' }],
  ['memory:', { driver: 'memory' }],
  ['mongodb://h', { driver: 'mongodb', uri: 'mongodb://h', database: 'marconi' }],
  ['mongodb://h/?tls=true', { driver: 'mongodb', uri: 'mongodb://h/?tls=true', database: 'marconi' }],
  ['mongodb://a:1,b:2/q?replicaSet=r', { driver: 'mongodb', uri: 'mongodb://a:1,b:2/q?replicaSet=r', database: 'q' }],
  ['mongodb+srv://u:p%2F@h/my%2Dq', { driver: 'mongodb', uri: 'mongodb+srv://u:p%2F@h/my%2Dq', database: 'my-q' }],
])('the storage %s is read', (text, uri) => {
  expect(parseStorageUri(text)).toEqual(uri);
});

test.each(['', 'sqlite:', 'sqlite:/a/', 'sqlite://host/a.db', 'memory', 'memory:x', './a.db'])(
  'the storage %p is refused',
  (text) => expect(parseStorageUri(text)).toBeNull(),
);

test.each(['mongodb:', 'mongodb://', 'mongodb:///m', 'mongodb://h/admin', 'mongodb://h/local', 'mongodb://h/a.b'])(
  'the storage %p is refused',
  (text) => expect(parseStorageUri(text)).toBeNull(),
);

test.each(['mongodb://u:p/w@h', 'mongodb://u:p/w@h/m', 'mongodb://h/%E0%A4%A', 'mongodb://h/a/b', 'mongodbs://h/m'])(
  'the storage %p is refused',
  (text) => expect(parseStorageUri(text)).toBeNull(),
);

describe('a password in the URI of the storage', () => {
  const uri = 'mongodb://bob:s3cret@h/m?proxyPassword=s3cret&tls=true';
  const shown = 'mongodb://***@h/m?proxyPassword=***&tls=true';

  test('is used and not printed', () => {
    const config = loadConfig({ env: { MARCONI_STORAGE: uri }, flags: new Map() });
    expect(config.settings.storage).toBe(uri);
    expect(configTable(config)).toContain(shown);
    expect(configRows(config).find((row) => row.key === 'storage')).toMatchObject({ value: shown });
    expect(configTable(config) + JSON.stringify(configRows(config))).not.toMatch(/s3cret|bob/);
  });

  test.each(['mongodb://bob:s3/cret@h/admin', 'mongo://bob:s3cret@h', 'mongodb:bob:s3cret@h'])(
    'is not printed when %p is refused',
    (storage) => {
      const load = () => loadConfig({ env: { MARCONI_STORAGE: storage }, flags: new Map() });
      expect(load).toThrow('***@h');
      expect(load).not.toThrow(/s3|cret|bob/);
    },
  );

  test.each(['sqlite:./a@b/c.db', 'sqlite:///var/a@b.db', 'memory:', 'mongodb://h1,h2/m?replicaSet=r'])(
    'is not seen where there is none: %p',
    (plain) => expect(redactUri(plain)).toBe(plain),
  );
});
