import { setTimeout as sleep } from 'node:timers/promises';
import { Acknowledgement_Outcome as Outcome, type Claim } from '../../../src/gen/marconi/v1/claims.js';
import type { ConsumeRequest } from '../../../src/gen/marconi/v1/delivery.js';
import { DISPATCH } from '../../../src/transport/dispatch.js';
import { call, connect, type Connection } from '../../support/grpc-client.js';
import { connectHttp2, framed, openCall } from '../../support/http2-client.js';
import { batch, Consuming, newMessage, Publishing, type StreamEnd } from '../../support/grpc-stream.js';
import { openCalls } from '../../support/open-calls.js';
import { treeRss } from '../../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';

const KIB = 1024;
const MIB = 1024 * KIB;

let server: RunningMarconi;
let to: Connection;
let queue: string;
let queues = 0;
const streams: Consuming[] = [];

beforeAll(async () => {
  server = await startMarconi({ command: 'core' });
  to = connect(server.grpcAddress);
});
afterAll(async () => {
  to.close();
  await server.stop();
});
beforeEach(async () => {
  queue = `consume-${queues++}`;
  await call(to.queues, 'createQueue', { queue });
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.cancel();
});

function open(): Consuming {
  const stream = new Consuming(to);
  streams.push(stream);
  return stream;
}

const post = (count: number, bytes = 1) => {
  const body = bytes === 1 ? '1' : `"${'x'.repeat(bytes - 2)}"`;
  return call(to.messages, 'postMessages', { queue, messages: Array.from({ length: count }, () => newMessage(body)) });
};
const stats = async () => {
  const { total, claimed } = await call(to.queues, 'getQueueStats', { queue });
  return { total: Number(total), claimed: Number(claimed) };
};
const idsOf = ({ messages }: Claim): string[] => messages.map(({ id }) => id);
const bytesOf = ({ messages }: Claim): number => messages.reduce((sum, { body }) => sum + body.length, 0);
const refusal = (end: StreamEnd) => {
  if (end === 'OK') throw new Error('The stream ended well.');
  return end;
};

/** Claims until so many messages have come. */
async function claims(stream: Consuming, messages: number): Promise<Claim[]> {
  const found: Claim[] = [];
  for (let left = messages; left > 0;) {
    const claim = await stream.told('claim');
    found.push(claim);
    left -= claim.messages.length;
  }
  return found;
}

/** Begins a stream with credit; gives what cancels it. */
async function viaClient(releaseOnEnd: boolean, messages: number): Promise<() => void> {
  const stream = open();
  await stream.start(queue, { releaseOnEnd });
  stream.grant(messages);
  return () => stream.cancel();
}

/** The same over a connection of its own; gives what destroys that. */
async function viaConnection(releaseOnEnd: boolean, messages: number): Promise<() => void> {
  const { path, requestCodec } = DISPATCH['marconi.v1.DeliveryService/Consume'];
  const session = await connectHttp2(server.grpcAddress);
  const stream = openCall(session, path);
  const spans = { ttlSeconds: 60, graceSeconds: 60, maxMessages: undefined, releaseOnEnd };
  const requests: ConsumeRequest['request'][] = [
    { $case: 'start', value: { queue, ...spans } },
    { $case: 'credit', value: { messages, bytes: BigInt(MIB) } },
  ];
  for (const request of requests) stream.write(framed(requestCodec.encode({ request }).finish()));
  return () => session.destroy();
}

/** Nothing comes for a while. */
async function silence(stream: Consuming, ms = 300): Promise<void> {
  await sleep(ms);
  expect(stream.waiting).toEqual([]);
  expect(stream.ended).toBeNull();
}

describe('Consume', () => {
  it('tells its bounds, brings nothing without credit, and then what credit in messages allows, in order', async () => {
    const { ids } = await post(100);
    const stream = open();
    expect(await stream.start(queue)).toEqual({ maxMessages: 20, maxBytes: BigInt(128 * KIB), maxClaims: 1_024 });
    await silence(stream);
    stream.grant(30);
    const first = await claims(stream, 30);
    expect(first.flatMap(idsOf)).toEqual(ids.slice(0, 30));
    await silence(stream);
    expect(await stats()).toEqual({ total: 100, claimed: 30 });
    stream.grant(70);
    const rest = await claims(stream, 70);
    expect(rest.flatMap(idsOf)).toEqual(ids.slice(30));
    expect([...first, ...rest].every(({ messages }) => messages.length <= 20)).toBe(true);
  });

  it('respects credit in bytes; only the last message goes beyond it', async () => {
    await post(6, 40 * KIB);
    const stream = open();
    await stream.start(queue);
    stream.grant(100, 100 * KIB);
    const found = await claims(stream, 3);
    expect(found.map(bytesOf)).toEqual([80 * KIB, 40 * KIB]);
    stream.grant(0, 20 * KIB);
    await silence(stream);
    stream.grant(0, 1);
    expect(bytesOf(await stream.told('claim'))).toBe(40 * KIB);
    await silence(stream);
    expect((await stats()).claimed).toBe(4);
  });

  it('brings what is posted later at once, with the epoch that GetMessage shows', async () => {
    const stream = open();
    await stream.start(queue);
    stream.grant(10);
    await silence(stream, 100);
    const { ids } = await post(1);
    const { messages, id } = await stream.told('claim', 2_000);
    expect(messages[0]).toMatchObject({ id: ids[0], epoch: 1n, attempt: 1 });
    const { message } = await call(to.messages, 'getMessage', { queue, id: ids[0]! });
    expect(message).toMatchObject({ epoch: 1n });
    expect((await call(to.claims, 'getClaim', { queue, claimId: id })).claim?.messages).toHaveLength(1);
  });

  it('answers acknowledgements one by one; a stale one is told that its claim is lost', async () => {
    await post(3);
    const stream = open();
    await stream.start(queue, { maxMessages: 3 });
    stream.grant(3);
    const claim = await stream.told('claim');
    const [a, b, c] = idsOf(claim) as [string, string, string];
    stream.acknowledge(claim.id, [a, a, 'unknown'], 7);
    expect(await stream.told('acknowledged')).toEqual({
      requestId: 7,
      claimId: claim.id,
      acknowledgements: [
        { id: a, outcome: Outcome.OUTCOME_ACKNOWLEDGED },
        { id: a, outcome: Outcome.OUTCOME_ALREADY_GONE },
        { id: 'unknown', outcome: Outcome.OUTCOME_ALREADY_GONE },
      ],
    });
    stream.ask('release', { claimId: claim.id, requestId: 8 });
    expect(await stream.told('released')).toEqual({ requestId: 8, claimId: claim.id, released: 2 });
    stream.ask('release', { claimId: claim.id, requestId: undefined });
    expect(await stream.told('released')).toEqual({ requestId: undefined, claimId: claim.id, released: 0 });
    const other = open();
    await other.start(queue);
    other.grant(10);
    const again = await other.told('claim');
    expect(idsOf(again)).toEqual([b, c]);
    expect(again.messages[0]?.epoch).toBe(2n);
    stream.acknowledge(claim.id, [b]);
    expect((await stream.told('acknowledged')).acknowledgements).toEqual([
      { id: b, outcome: Outcome.OUTCOME_CLAIM_LOST },
    ]);
    other.acknowledge(again.id, [b, c]);
    await other.told('acknowledged');
    expect((await stats()).total).toBe(0);
  });

  it('extends a claim, and tells of failed requests without ending', async () => {
    await post(1);
    const stream = open();
    await stream.start(queue);
    stream.grant(1);
    const claim = await stream.told('claim');
    stream.ask('extend', { claimId: claim.id, ttlSeconds: 600, graceSeconds: undefined, requestId: 1 });
    const { endsAt, ...facts } = await stream.told('extended');
    expect(facts).toEqual({ requestId: 1, claimId: claim.id });
    expect(Number(endsAt!.seconds - claim.endsAt!.seconds)).toBeGreaterThan(500);
    expect((await call(to.claims, 'getClaim', { queue, claimId: claim.id })).claim?.endsAt).toEqual(endsAt);

    stream.ask('extend', { claimId: 'none', ttlSeconds: 60, graceSeconds: 60, requestId: 2 });
    expect(await stream.told('failed')).toMatchObject({ requestId: 2, claimId: 'none', reason: 'CLAIM_NOT_FOUND' });
    stream.ask('extend', { claimId: claim.id, ttlSeconds: 59, graceSeconds: 60, requestId: 3 });
    const failed = await stream.told('failed');
    expect(failed).toMatchObject({ requestId: 3, reason: 'INVALID_REQUEST' });
    expect(failed.message).toContain('ttl_seconds');
    stream.acknowledge(claim.id, [], 4);
    expect(await stream.told('failed')).toMatchObject({ requestId: 4, reason: 'INVALID_REQUEST' });
    stream.acknowledge(
      claim.id,
      Array.from({ length: 21 }, () => 'm'),
      5,
    );
    expect(await stream.told('failed')).toMatchObject({ requestId: 5, reason: 'INVALID_REQUEST' });
    stream.acknowledge(claim.id, idsOf(claim), 6);
    expect((await stream.told('acknowledged')).acknowledgements[0]?.outcome).toBe(Outcome.OUTCOME_ACKNOWLEDGED);
  });

  it.each([
    ['no start', (s: Consuming) => s.grant(1), 'request'],
    [
      'two starts',
      (s: Consuming) =>
        void s
          .start(queue)
          .then(() => s.start(queue))
          .catch(() => undefined),
      'request',
    ],
    ['an empty request', (s: Consuming) => s.send({ request: undefined }), 'request'],
    [
      'a short ttl',
      (s: Consuming) => void s.start(queue, { ttlSeconds: 59 }).catch(() => undefined),
      'start.ttl_seconds',
    ],
    [
      'a long grace',
      (s: Consuming) => void s.start(queue, { graceSeconds: 43_201 }).catch(() => undefined),
      'start.grace_seconds',
    ],
    [
      'no message a claim',
      (s: Consuming) => void s.start(queue, { maxMessages: 0 }).catch(() => undefined),
      'start.max_messages',
    ],
    [
      'too many messages a claim',
      (s: Consuming) => void s.start(queue, { maxMessages: 21 }).catch(() => undefined),
      'start.max_messages',
    ],
  ])('refuses %s and names the field', async (_, ask, field) => {
    const stream = open();
    ask(stream);
    expect(refusal(await stream.end())).toMatchObject({ reason: 'INVALID_REQUEST', fields: [field] });
  });

  it('refuses a queue that is none, or not there, and ends when its queue is deleted', async () => {
    const [bad, missing, cut] = [open(), open(), open()];
    bad.start('no name').catch(() => undefined);
    expect(refusal(await bad.end())).toMatchObject({ reason: 'INVALID_QUEUE_NAME', fields: ['queue'] });
    missing.start('missing').catch(() => undefined);
    expect(refusal(await missing.end())).toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    await cut.start(queue);
    cut.grant(1);
    await silence(cut, 100);
    await call(to.queues, 'deleteQueue', { queue });
    expect(refusal(await cut.end())).toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
  });

  it('answers what was asked before the half-close, releases if told to, and ends well', async () => {
    await post(40);
    const stream = open();
    await stream.start(queue, { releaseOnEnd: true });
    stream.grant(40);
    const [first] = await claims(stream, 40);
    for (const id of idsOf(first!)) stream.acknowledge(first!.id, [id]);
    stream.halfClose();
    for (let n = 0; n < 20; n++) await stream.told('acknowledged');
    expect(await stream.end()).toBe('OK');
    expect(await stats()).toEqual({ total: 20, claimed: 0 });
  });

  it('ends well when it half-closes before it began', async () => {
    const silent = open();
    silent.halfClose();
    expect(await silent.end()).toBe('OK');
    const stream = open();
    const started = stream.start(queue);
    stream.halfClose();
    await started;
    expect(await stream.end()).toBe('OK');
  });

  describe.each([
    ['cancelled', viaClient],
    ['lost with its connection', viaConnection],
  ])('a stream that is %s', (_, begin) => {
    it.each([true, false])('with release_on_end %s', async (releaseOnEnd) => {
      await post(60);
      const end = await begin(releaseOnEnd, 50);
      await waitFor('the claims', async () => (await stats()).claimed === 50);
      const waiting = open();
      await waiting.start(queue);
      waiting.grant(60);
      await claims(waiting, 10);
      const since = performance.now();
      end();
      if (releaseOnEnd) {
        await claims(waiting, 50);
        expect(performance.now() - since).toBeLessThan(2_000);
      } else {
        await waitFor('its end', async () => (await openCalls(server)) === 1);
        await silence(waiting);
      }
      expect((await stats()).claimed).toBe(60);
    });
  });

  it('goes on when many of its requests are under way, and answers each', async () => {
    const stream = open();
    await stream.start(queue);
    for (let n = 0; n < 1_000; n++) stream.ask('release', { claimId: 'none', requestId: n });
    const answers = new Set<number | undefined>();
    for (let n = 0; n < 1_000; n++) answers.add((await stream.told('released')).requestId);
    expect(answers.size).toBe(1_000);
  });

  it('claims little for readers that stall, in bounded memory, and goes on when they read', async () => {
    const OFFERED = 50 * MIB;
    const READERS = 4;
    const body = 64 * KIB;
    const publishing = new Publishing(to);
    const four = Array.from({ length: 4 }, () => `"${'x'.repeat(body - 2)}"`);
    for (let n = 0; n < (READERS * OFFERED) / (4 * body); n++) publishing.send(batch(queue, four));
    publishing.halfClose();
    expect(await publishing.end(30_000)).toBe('OK');
    const before = treeRss(server.pid);
    const readers = Array.from({ length: READERS }, () => open());
    for (const reader of readers) {
      await reader.start(queue, { releaseOnEnd: true });
      reader.pause();
      reader.grant(10_000, OFFERED);
    }
    await waitFor('the first claims', async () => (await stats()).claimed > 0);
    await sleep(1_000);
    const { claimed } = await stats();
    // What each may have on its way: 64 KiB unsent, four claims beyond it, and what the client's side has taken in.
    expect(claimed * body).toBeLessThan(READERS * 4 * MIB);
    expect(treeRss(server.pid) - before).toBeLessThan(64 * MIB);
    readers[0]!.resume();
    await claims(readers[0]!, 100);
  });
});
