import { status, type ServiceError } from '@grpc/grpc-js';
import { call, connect, type Connection } from '../../support/grpc-client.js';
import { startDoor, type Door } from '../../support/grpc-door.js';
import { DISPATCH } from '../../../src/transport/dispatch.js';
import { connectHttp2, framed, openCall } from '../../support/http2-client.js';

let door: Door;
let to: Connection;

beforeAll(async () => {
  door = await startDoor();
  to = connect(door.address);
});

afterAll(async () => {
  to.close();
  await door.close();
});

const claim = (queue: string, seconds: number, options = {}) =>
  call(
    to.claims,
    'createClaim',
    { queue, ttlSeconds: 60, graceSeconds: 60, wait: { seconds: BigInt(seconds), nanos: 0 } },
    options,
  );
const post = (queue: string) =>
  call(to.messages, 'postMessages', { queue, messages: [{ body: Buffer.from('1'), contentType: '', ttlSeconds: 60 }] });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => status.OK,
    (error: ServiceError) => error.code,
  );

/** Waits until the engine has so many claim requests waiting. */
async function untilWaiting(count: number): Promise<void> {
  for (let turn = 0; turn < 200 && door.engine.load().waiters !== count; turn++) await pause(10);
  expect(door.engine.load().waiters).toBe(count);
}

test('a waiting claim wakes on a post', async () => {
  await call(to.queues, 'createQueue', { queue: 'wake' });
  const waiting = claim('wake', 20);
  await untilWaiting(1);
  const started = performance.now();
  const { ids } = await post('wake');
  const { claim: won } = await waiting;
  expect(won?.messages.map(({ id }) => id)).toEqual(ids);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('a wait that is over ends empty, not before its time', async () => {
  await call(to.queues, 'createQueue', { queue: 'over' });
  const started = performance.now();
  expect((await claim('over', 1)).claim).toBeUndefined();
  const took = performance.now() - started;
  expect(took).toBeGreaterThan(990);
  expect(took).toBeLessThan(3_000);
});

test('a caller that cancels leaves the wait, and a later message is not claimed for nobody', async () => {
  await call(to.queues, 'createQueue', { queue: 'cancel' });
  const abort = new AbortController();
  const waiting = codeOf(claim('cancel', 20, { signal: abort.signal }));
  await untilWaiting(1);
  abort.abort();
  expect(await waiting).toBe(status.CANCELLED);
  await untilWaiting(0);
  await post('cancel');
  expect(await call(to.queues, 'getQueueStats', { queue: 'cancel' })).toMatchObject({ free: 1n, claimed: 0n });
});

test('a deadline ends the wait on both sides', async () => {
  await call(to.queues, 'createQueue', { queue: 'deadline' });
  const started = performance.now();
  expect(await codeOf(claim('deadline', 20, { timeoutMs: 300 }))).toBe(status.DEADLINE_EXCEEDED);
  expect(performance.now() - started).toBeLessThan(2_000);
  await untilWaiting(0);
});

test('a lost connection ends the wait', async () => {
  await call(to.queues, 'createQueue', { queue: 'lost' });
  const { path, requestCodec } = DISPATCH['marconi.v1.ClaimService/CreateClaim'];
  const wait = { seconds: 20n, nanos: 0 };
  const request = requestCodec.encode({ queue: 'lost', ttlSeconds: 60, graceSeconds: 60, wait }).finish();
  const session = await connectHttp2(door.address);
  openCall(session, path).end(framed(request));
  await untilWaiting(1);
  session.destroy();
  await untilWaiting(0);
  await post('lost');
  expect(await call(to.queues, 'getQueueStats', { queue: 'lost' })).toMatchObject({ free: 1n, claimed: 0n });
});

test('many waiting claims and one post: one of them gets it', async () => {
  await call(to.queues, 'createQueue', { queue: 'crowd' });
  const waiting = Array.from({ length: 20 }, () => claim('crowd', 2));
  await untilWaiting(20);
  await post('crowd');
  const won = (await Promise.all(waiting)).filter((response) => response.claim !== undefined);
  expect(won).toHaveLength(1);
});
