import { METHODS, rowOf, type MethodName } from '../../../src/transport/dispatch.js';
import { Acknowledgement_Outcome as Outcome } from '../../../src/gen/marconi/v1/claims.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { connectZmq, refusedZmq, type ZmqClient, type ZmqError } from '../../support/zmq-client.js';

let server: RunningMarconi;
let client: ZmqClient;
const called = new Set<MethodName>();

const call: ZmqClient['call'] = (method, request, options) => {
  called.add(method);
  return client.call(method, request, options);
};

beforeAll(async () => {
  server = await startMarconi({ command: 'core' });
  client = await connectZmq(server.zmqAddress('router'));
});

afterAll(async () => {
  client.close();
  await server.stop();
});

const json = (value: unknown, ttlSeconds = 300) => ({
  body: Buffer.from(JSON.stringify(value)),
  contentType: '',
  ttlSeconds,
});
const Q = 'marconi.v1.QueueService';
const M = 'marconi.v1.MessageService';
const C = 'marconi.v1.ClaimService';

test('a queue, from its making to its end', async () => {
  const queue = 'life';
  expect(await call(`${Q}/CreateQueue`, { queue })).toEqual({ created: true });
  expect(await call(`${Q}/CreateQueue`, { queue })).toEqual({ created: false });
  expect((await call(`${Q}/GetQueue`, { queue })).queue?.name).toBe(queue);
  const metadata = Buffer.from('{"n": 9223372036854775807}');
  await call(`${Q}/SetQueueMetadata`, { queue, metadata });
  expect((await call(`${Q}/GetQueueMetadata`, { queue })).metadata.equals(metadata)).toBe(true);
  expect((await call(`${Q}/ListQueues`, { marker: 'lif' })).queues.map(({ name }) => name)).toEqual([queue]);
  expect(await call(`${Q}/GetQueueStats`, { queue })).toMatchObject({ total: 0n, free: 0n });
  expect(await call(`${Q}/DeleteQueue`, { queue })).toEqual({ deleted: true });
});

test('messages: posted, listed, read, deleted, popped', async () => {
  const queue = 'messages';
  await call(`${Q}/CreateQueue`, { queue });
  const { ids, markers } = await call(`${M}/PostMessages`, { queue, messages: [0, 1, 2, 3].map((n) => json(n)) });
  const listed = await call(`${M}/ListMessages`, { queue });
  expect(listed.messages.map(({ id, body }) => [id, body.toString()])).toEqual(ids.map((id, n) => [id, String(n)]));
  expect(listed.nextMarker).toBe(markers[3]);
  expect((await call(`${M}/GetMessage`, { queue, id: ids[1]! })).message?.body.toString()).toBe('1');
  expect((await call(`${M}/GetMessages`, { queue, ids: [ids[2]!, 'no id'] })).messages).toHaveLength(1);
  expect(await call(`${M}/DeleteMessage`, { queue, id: ids[0]! })).toEqual({ deleted: true });
  expect(await call(`${M}/DeleteMessages`, { queue, ids: [ids[0]!, ids[1]!] })).toEqual({ deleted: 1 });
  expect((await call(`${M}/PopMessages`, { queue, limit: 1 })).messages.map(({ id }) => id)).toEqual([ids[2]]);
});

test('claims: made, looked at, renewed, acknowledged, released', async () => {
  const queue = 'claims';
  await call(`${Q}/CreateQueue`, { queue });
  const { ids } = await call(`${M}/PostMessages`, { queue, messages: [json(1), json(2)] });
  const { claim } = await call(`${C}/CreateClaim`, { queue, ttlSeconds: 60, graceSeconds: 60 });
  expect(claim?.messages.map(({ id, epoch }) => [id, epoch])).toEqual(ids.map((id) => [id, 1n]));
  const named = { queue, claimId: claim!.id };
  expect((await call(`${C}/GetClaim`, named)).claim?.messages).toHaveLength(2);
  expect((await call(`${C}/UpdateClaim`, { ...named, ttlSeconds: 120 })).endsAt).toBeDefined();
  const { acknowledgements } = await call(`${C}/AcknowledgeMessages`, { ...named, ids: [ids[0]!] });
  expect(acknowledgements).toEqual([{ id: ids[0], outcome: Outcome.OUTCOME_ACKNOWLEDGED }]);
  expect(await call(`${C}/ReleaseClaim`, named)).toEqual({ released: 1 });
});

test('who calls, and how the node is', async () => {
  const options = { metadata: { 'marconi-project-bin': 'größe' } };
  expect(await call('marconi.v1.AuthService/Authenticate', {}, options)).toMatchObject({
    strategy: 'none',
    project: 'größe',
  });
  expect(await call('marconi.v1.AdminService/GetStatus')).toMatchObject({ draining: false });
});

test('every unary method was called above', () => {
  const unary = METHODS.filter((method) => rowOf(method).kind === 'unary');
  expect([...called].sort()).toEqual([...unary].sort());
});

test('answers come as they are ready: a claim that waits holds up nothing, and is woken', async () => {
  const queue = 'waiting';
  await client.call(`${Q}/CreateQueue`, { queue });
  const wait = { seconds: 10n, nanos: 0 };
  const waiting = client.call(`${C}/CreateClaim`, { queue, ttlSeconds: 60, graceSeconds: 60, wait });
  await client.call(`${M}/PostMessages`, { queue, messages: [json('now')] });
  expect((await waiting).claim?.messages).toHaveLength(1);
});

test('a deadline ends a wait with DEADLINE_EXCEEDED, and takes no message that comes later', async () => {
  const queue = 'deadline';
  await client.call(`${Q}/CreateQueue`, { queue });
  const wait = { seconds: 10n, nanos: 0 };
  const request = { queue, ttlSeconds: 60, graceSeconds: 60, wait };
  const started = performance.now();
  const refusal = await refusedZmq(client.call(`${C}/CreateClaim`, request, { deadlineMs: 200 }));
  expect(refusal).toMatchObject({ reason: 'DEADLINE_EXCEEDED', code: 4 });
  expect(performance.now() - started).toBeLessThan(5_000);
  await client.call(`${M}/PostMessages`, { queue, messages: [json(1)] });
  expect(await client.call(`${Q}/GetQueueStats`, { queue })).toMatchObject({ free: 1n, claimed: 0n });
});

test('a client with many calls under way gets every answer, or is told that too many wait for it', async () => {
  const queue = 'many';
  await client.call(`${Q}/CreateQueue`, { queue });
  const body = Buffer.alloc(100_000, 0x20).fill('1', 0, 1);
  await client.call(`${M}/PostMessages`, { queue, messages: [{ body, contentType: '', ttlSeconds: 60 }] });
  const list = () => client.call(`${M}/ListMessages`, { queue });
  const pages = await Promise.all(Array.from({ length: 32 }, list));
  expect(pages.filter(({ messages }) => messages[0]?.body.length === body.length)).toHaveLength(32);
  const outcomes = await Promise.all(
    Array.from({ length: 1_000 }, () =>
      list().then(
        () => 'OK',
        (error: ZmqError) => error.refusal.reason,
      ),
    ),
  );
  expect(new Set(outcomes)).toEqual(new Set(['OK', 'OVERLOADED']));
});

test('calls are counted under this door', async () => {
  const text = await (await fetch(server.metricsUrl)).text();
  expect(text).toMatch(/marconi_calls_total\{door="zmq",method="CreateQueue",reason="OK"\} [1-9]/);
  expect(text).toMatch(/marconi_calls_in_flight\{door="zmq"\} 0/);
  expect(text).toMatch(/marconi_calls_in_flight\{door="grpc"\} 0/);
  expect(text).toMatch(/marconi_call_duration_seconds_count\{door="zmq",method="GetStatus"\} 1/);
  expect(text).toMatch(/marconi_zmq_sessions 1/);
});
