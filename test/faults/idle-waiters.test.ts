import { treeRss } from '../support/process-memory.js';
import { call, connect, type Connection } from '../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { ConsumeRequest, ConsumeResponse } from '../../src/gen/marconi/v1/delivery.js';
import { waitFor } from '../support/wait.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const MIB = 1024 * 1024;
const CONNECTIONS = LONG ? 100 : 20;
const EACH = LONG ? 100 : 50;
const MOST_RSS = 200 * MIB;
const PROBES = LONG ? 1_000 : 100;
const IDLE = 'idle';
const BUSY = 'busy';

let node: RunningMarconi;
let beside: Connection;
const connections: Connection[] = [];

beforeAll(async () => {
  node = await startMarconi({ command: 'core' });
  beside = connect(node.grpcAddress);
  for (const queue of [IDLE, BUSY]) await call(beside.queues, 'createQueue', { queue });
});

afterAll(async () => {
  for (const connection of [...connections, beside]) connection.close();
  await node.stop();
});

const post = (queue: string) =>
  call(beside.messages, 'postMessages', {
    queue,
    messages: [{ body: Buffer.from('1'), contentType: '', ttlSeconds: 3_600 }],
  });

/** Half of the claims of a queue that is posted to all the while take less. */
async function claimLatency(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < PROBES; n++) {
    await post(BUSY);
    const began = performance.now();
    const { claim } = await call(beside.claims, 'createClaim', {
      queue: BUSY,
      ttlSeconds: 60,
      graceSeconds: 60,
      limit: 1,
    });
    times.push(performance.now() - began);
    const ids = claim!.messages.map(({ id }) => id);
    await call(beside.claims, 'acknowledgeMessages', { queue: BUSY, claimId: claim!.id, ids });
  }
  return times.sort((a, b) => a - b)[PROBES / 2]!;
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(node.metricsUrl)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

test(`${CONNECTIONS * EACH} idle streams over ${CONNECTIONS} connections: little memory, one post wakes one, a busy queue is as quick`, async () => {
  await claimLatency();
  const before = await claimLatency();
  let started = 0;
  let claims = 0;
  const streams: ClientDuplexStream<ConsumeRequest, ConsumeResponse>[] = [];
  for (let n = 0; n < CONNECTIONS; n++) {
    const connection = connect(node.grpcAddress);
    connections.push(connection);
    for (let each = 0; each < EACH; each++) {
      const stream = connection.delivery.consume();
      stream.on('error', () => undefined);
      stream.on('data', ({ event }: ConsumeResponse) => {
        if (event?.$case === 'started') started++;
        if (event?.$case === 'claim') claims++;
      });
      const start = { queue: IDLE, ttlSeconds: 60, graceSeconds: 60, maxMessages: 1, releaseOnEnd: false };
      stream.write({ request: { $case: 'start', value: start } });
      stream.write({ request: { $case: 'credit', value: { messages: 1, bytes: 1_000n } } });
      streams.push(stream);
    }
    await waitFor('the streams to start', () => started === streams.length, { ms: 30_000 });
  }
  await waitFor('all to wait', async () => (await metric('marconi_waiting_claims')) === streams.length, { ms: 20_000 });
  const rss = treeRss(node.pid);
  const idle = await claimLatency();

  const steps = await metric('marconi_commit_steps_sum');
  await post(IDLE);
  await waitFor('the claim', () => claims > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // The post, and one try for it: whoever else had been woken would have tried too.
  const made = (await metric('marconi_commit_steps_sum')) - steps;
  console.log(
    JSON.stringify({ streams: streams.length, rssMiB: Math.round(rss / MIB), claims, steps: made, before, idle }),
  );
  expect(claims).toBe(1);
  expect(made).toBe(2);
  expect(rss).toBeLessThan(MOST_RSS);
  // Times are judged where the machine has nothing else to do.
  if (LONG) expect(idle).toBeLessThan(1.2 * before);
  for (const stream of streams) stream.cancel();
});
