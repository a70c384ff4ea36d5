import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { call, connect, type Connection } from '../../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { RestQueue } from './rest.js';

const STOP_LIMIT_MS = 10_000;
const folder = makeTempDir('sigterm');
afterAll(() => removeTempDir(folder));

const servers: RunningMarconi[] = [];

async function start(storage: string): Promise<RunningMarconi> {
  const server = await startMarconi({ storage });
  servers.push(server);
  return server;
}

/** What a failed test left running; its end also ends the posters. */
afterEach(() => {
  for (const server of servers.splice(0)) server.kill('SIGKILL');
});

/** Posts without pause until it is refused or the connection ends; each acknowledged id goes to `acked`. */
async function postUntilRefused(queue: RestQueue, poster: number, acked: string[]): Promise<void> {
  for (let n = 0; ; n += 1) {
    const outcome = await queue.post({ poster, n }).catch(() => null);
    if (outcome === null || !('id' in outcome)) return;
    acked.push(outcome.id);
  }
}

/** The same over gRPC. */
async function postOverGrpc({ messages }: Connection, queue: string, acked: string[]): Promise<void> {
  const clientId = randomUUID();
  const one = { ttlSeconds: 3600, body: Buffer.from('{"door": "grpc"}'), contentType: '' };
  for (;;) {
    const receipt = await call(messages, 'postMessages', { queue, messages: [one] }, { clientId }).catch(() => null);
    if (receipt === null) return;
    acked.push(receipt.ids[0]!);
  }
}

test('SIGTERM under load: exit 0 within 10 s, and what was acknowledged is there after the next start', async () => {
  const storage = `sqlite:${join(folder, 'marconi.db')}`;
  const server = await start(storage);
  const queue = new RestQueue(server.restUrl);
  expect(await queue.create()).toBe(201);
  const acked: string[] = [];
  const overGrpc: string[] = [];
  const grpc = connect(server.grpcAddress);
  const posters = [
    ...Array.from({ length: 8 }, (_, poster) => postUntilRefused(queue, poster, acked)),
    ...Array.from({ length: 8 }, () => postOverGrpc(grpc, 'work', overGrpc)),
  ];
  await waitFor('some load', () => acked.length > 100 && overGrpc.length > 100);

  const asked = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - asked).toBeLessThan(STOP_LIMIT_MS);
  await Promise.all(posters);
  grpc.close();
  acked.push(...overGrpc);

  const next = await start(storage);
  const stored = await new RestQueue(next.restUrl).stored(acked);
  expect(acked.filter((id) => !stored.has(id))).toEqual([]);
  expect(await next.stop()).toBe(0);
});

test('SIGTERM answers a claim that waits, and does not wait for it', async () => {
  const server = await start('memory:');
  const queue = new RestQueue(server.restUrl, 'empty');
  await queue.create();
  const claim = queue.claim(30);
  const waiting = async () => /^marconi_waiting_claims 1$/m.test(await (await fetch(server.metricsUrl)).text());
  await waitFor('the claim to wait', waiting);
  const asked = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - asked).toBeLessThan(STOP_LIMIT_MS);
  expect(await claim).toBe(204);
});
