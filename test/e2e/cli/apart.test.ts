import { join } from 'node:path';
import { startMarconi, type RunningMarconi, type StartOptions } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { RestQueue } from './rest.js';

const folder = makeTempDir('apart');
afterAll(() => removeTempDir(folder));

const servers: RunningMarconi[] = [];

async function start(options: StartOptions): Promise<RunningMarconi> {
  const server = await startMarconi(options);
  servers.push(server);
  return server;
}

/** What a failed test left running. */
afterEach(() => {
  for (const server of servers.splice(0)) server.kill('SIGKILL');
});

test.each(['TCP', 'the unix socket of its own'])('core and gateway apart, over %s', async (link) => {
  const socket = `unix:${join(folder, 'gateway.sock')}`;
  const core = await start({ command: 'core', storage: 'memory:', args: [`--grpc-gateway-listen=${socket}`] });
  const address = link === 'TCP' ? core.grpcAddress : socket;
  const gateways = await Promise.all([1, 2].map(() => start({ command: 'gateway', args: [`--core=${address}`] })));
  const queues = gateways.map(({ restUrl }) => new RestQueue(restUrl));
  expect(await queues[0]!.create()).toBe(201);
  const posted = await queues[1]!.post({ n: 1 });
  expect(await queues[0]!.stored([(posted as { id: string }).id])).toEqual(new Set([(posted as { id: string }).id]));
  for (const gateway of gateways) expect(await gateway.stop()).toBe(0);
  expect(await core.stop()).toBe(0);
});

test('a gateway waits for its core: 503 until it is there, then 204', async () => {
  const socket = `unix:${join(folder, 'late.sock')}`;
  const gateway = await start({ command: 'gateway', args: [`--core=${socket}`] });
  const health = async () => (await fetch(`${gateway.restUrl}/v1/health`)).status;
  expect(await health()).toBe(503);
  const core = await start({ command: 'core', storage: 'memory:', args: [`--grpc-gateway-listen=${socket}`] });
  await waitFor('the core to be found', async () => (await health()) === 204);
  expect(await gateway.stop()).toBe(0);
  expect(await core.stop()).toBe(0);
});
