import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  anyPort,
  cleanEnv,
  isAlive,
  MARCONI,
  runMarconi,
  startMarconi,
  type RunningMarconi,
} from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { gatewayOf } from './processes.js';
import { RestQueue } from './rest.js';

const run = promisify(execFile);
const servers: RunningMarconi[] = [];

async function start(...given: Parameters<typeof startMarconi>): Promise<RunningMarconi> {
  const server = await startMarconi(...given);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.kill('SIGKILL');
    await server.stop();
  }
});

const answers = (url: string) =>
  fetch(`${url}/v1/health`)
    .then(({ status }) => status === 204)
    .catch(() => false);

test('the ready line names every address, and each answers', async () => {
  const server = await start();
  expect(server.output()).toMatch(
    /^marconi ready: rest \S+, grpc \S+, zmq-router \S+, zmq-pull \S+, zmq-push \S+, zmq-pub \S+, metrics \S+, gateway-metrics \S+, pid \d+$/m,
  );
  expect((await fetch(`${server.restUrl}/v1/health`)).status).toBe(204);
  expect((await fetch(server.metricsUrl)).status).toBe(200);
  expect((await fetch(server.gatewayMetricsUrl)).status).toBe(200);
  expect(server.grpcAddress).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('the first commands work as they are printed', async () => {
  const server = await start();
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('  curl '));
  expect(lines).toHaveLength(3);
  const said: string[] = [];
  for (const line of lines) said.push((await run('sh', ['-c', line.trim()])).stdout);
  expect(said[0]).toMatch(/^HTTP\/1\.1 201 /);
  expect(said[1]).toMatch(/^HTTP\/1\.1 201 /);
  expect(said[2]).toMatch(/^HTTP\/1\.1 200 /);
  expect(said[2]).toContain('{"hello": "world"}');
});

test('over TLS the ready line says https, and the first commands work too', async () => {
  const folder = makeTempDir('tls');
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  await run('openssl', ['req', '-x509', ...ec, '-subj', '/CN=localhost', '-keyout', key, '-out', cert]);
  const server = await start({
    storage: 'memory:',
    args: [`--gateway-tls-cert=${cert}`, `--gateway-tls-key=${key}`],
  });
  expect(server.restUrl).toMatch(/^https:/);
  const put = server
    .output()
    .split('\n')
    .find((line) => line.startsWith('  curl '));
  expect((await run('sh', ['-c', put!.trim()])).stdout).toMatch(/^HTTP\/1\.1 201 /);
  removeTempDir(folder);
});

test('a kill of the core ends its gateway and leaves no folder behind', async () => {
  const own = makeTempDir('run');
  const server = await start({ storage: 'memory:', env: { TMPDIR: own } });
  expect(readdirSync(own)).toHaveLength(1);
  const gateway = gatewayOf(server.pid);
  server.kill('SIGKILL');
  await server.exited;
  await waitFor('the end of the gateway', () => !isAlive(gateway));
  expect(readdirSync(own)).toEqual([]);
  removeTempDir(own);
});

test('a gateway that dies is started again where it was', async () => {
  const server = await start({ storage: 'memory:' });
  const queue = new RestQueue(server.restUrl);
  expect(await queue.create()).toBe(201);
  process.kill(gatewayOf(server.pid), 'SIGKILL');
  await waitFor('the next gateway', () => answers(server.restUrl));
  expect(await queue.create()).toBe(204);
  expect(server.logs().map(({ msg }) => msg)).toContain('the gateway runs again');
  expect(await server.stop()).toBe(0);
});

test('a gateway that does not stay is given up, and the command ends with 1', async () => {
  const server = await start({ storage: 'memory:' });
  let ended = false;
  void server.exited.then(() => (ended = true));
  let killed = 0;
  await waitFor(
    'the end',
    () => {
      if (ended) return true;
      try {
        process.kill(gatewayOf(server.pid), 'SIGKILL');
        killed += 1;
      } catch {
        // Between two gateways there is none to kill.
      }
      return false;
    },
    { ms: 30_000, every: 50 },
  );
  expect(await server.exited).toBe(1);
  expect(killed).toBeGreaterThan(5);
});

test('a second signal ends it at once, gateway and all', async () => {
  const server = await start({ storage: 'memory:' });
  const gateway = gatewayOf(server.pid);
  server.kill('SIGTERM');
  server.kill('SIGINT');
  expect(await server.exited).toBe(1);
  await waitFor('the end of the gateway', () => !isAlive(gateway));
});

test('a signal to the whole group while it starts ends it with 0', async () => {
  const folder = makeTempDir('starting');
  const database = `${folder}/marconi.db`;
  const listen = ['gateway', 'grpc', 'metrics', 'gateway-metrics'].map((name) => anyPort(`--${name}-listen`));
  listen.push(...['--zmq-router', '--zmq-pull', '--zmq-push', '--zmq-pub'].map(anyPort));
  const args = [MARCONI, 'serve', `--storage=sqlite:${database}`, ...listen];
  const child = spawn(process.execPath, args, { env: cleanEnv(), stdio: 'ignore', detached: true });
  const exited = once(child, 'exit');
  await waitFor('the storage to be opened', () => existsSync(database));
  process.kill(-child.pid!, 'SIGTERM');
  expect(await exited).toEqual([0, null]);
  removeTempDir(folder);
});

test('an address that is taken stops the start and is named', async () => {
  const first = await start({ storage: 'memory:' });
  const taken: Readonly<Record<string, string>> = {
    '--grpc-listen': first.grpcAddress,
    '--metrics-listen': new URL(first.metricsUrl).host,
    '--gateway-listen': new URL(first.restUrl).host,
    '--zmq-router': first.zmqAddress('router'),
    '--zmq-pull': first.zmqAddress('pull'),
    '--zmq-pub': first.zmqAddress('pub'),
  };
  for (const [flag, address] of Object.entries(taken)) {
    const others = [...Object.keys(taken), '--gateway-metrics-listen'].filter((name) => name !== flag);
    const args = ['serve', '--storage=memory:', `${flag}=${address}`, ...others.map(anyPort)];
    const { code, stdout, stderr } = await runMarconi(args);
    expect(stderr).toContain(address);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  }
});

test('serve has a core of its own: gateway.core is refused', async () => {
  const { code, stderr } = await runMarconi(['serve', '--core=127.0.0.1:1']);
  expect(code).toBe(2);
  expect(stderr).toContain('gateway.core (from --core)');
});
