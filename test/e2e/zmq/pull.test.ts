import { ErrorInfo } from '../../../src/gen/google/rpc/error_details.js';
import type { PullReceipt } from '../../../src/gen/marconi/v1/envelope.js';
import { Durability } from '../../../src/gen/marconi/v1/messages.js';
import { freePort } from '../../support/free-port.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, type ZmqClient } from '../../support/zmq-client.js';
import { ZmqProducer } from '../../support/zmq-producer.js';

const folder = makeTempDir('pull');
const storage = `sqlite:${folder}/marconi.db`;
const Q = 'marconi.v1.QueueService';
let flags: string[];
let server: RunningMarconi;
let client: ZmqClient;
let producer: ZmqProducer;

const start = () => startMarconi({ command: 'core', storage, args: flags });

beforeAll(async () => {
  // The same addresses after a restart, and an endpoint of one project beside the shared one.
  const [router, pull, own] = [await freePort(), await freePort(), await freePort()].map((p) => `tcp://127.0.0.1:${p}`);
  const endpoint = { role: 'pull', listen: own, project: 'acme', queues: ['jobs'], domain: 'acme-in' };
  flags = [`--zmq-router=${router}`, `--zmq-pull=${pull}`, `--zmq-endpoints=${JSON.stringify([endpoint])}`];
  server = await start();
});

beforeEach(async () => {
  client = await connectZmq(server.zmqAddress('router'));
  producer = new ZmqProducer(server.zmqAddress('pull'), `p-${Math.random()}`);
});

afterEach(() => {
  client.close();
  producer.close();
});

afterAll(async () => {
  await server.stop();
  removeTempDir(folder);
});

const receiptsOf = (count: number) =>
  waitFor(`${count} receipts`, () => (client.receipts.length >= count ? client.receipts : null));
const stored = (receipt: PullReceipt | undefined) => {
  if (receipt?.outcome?.$case !== 'stored') throw new Error(`Not stored: ${JSON.stringify(receipt?.outcome)}`);
  return receipt.outcome.value;
};
const reasonOf = (receipt: PullReceipt | undefined) => {
  if (receipt?.outcome?.$case !== 'refused') throw new Error('Not refused.');
  const info = receipt.outcome.value.details.find(({ typeUrl }) => typeUrl.endsWith('ErrorInfo'));
  return ErrorInfo.decode(info!.value).reason;
};

test('a post gets a receipt with ids, markers and durability; a repetition stores nothing and says so', async () => {
  const queue = 'receipts';
  await client.call(`${Q}/CreateQueue`, { queue });
  await client.subscribe(producer.producerId);
  await producer.publish(queue, 1n, ['a', 'b']);
  await producer.publish(queue, 2n, ['c']);
  await receiptsOf(2);
  await producer.publish(queue, 1n, ['a', 'b']);
  const receipts = await receiptsOf(3);
  const first = receipts.find(({ producerSequence }) => producerSequence === 1n)!;
  expect(first.producerId).toBe(producer.producerId);
  expect(stored(first)).toMatchObject({ durability: Durability.DURABILITY_FSYNC, duplicate: false });
  expect(stored(receipts[2])).toEqual({ ...stored(first), duplicate: true });
  const listed = await client.call('marconi.v1.MessageService/ListMessages', { queue });
  expect(listed.messages.map(({ body }) => body.toString())).toEqual(['"a"', '"b"', '"c"']);
  expect(listed.messages.slice(0, 2).map(({ id }) => id)).toEqual(stored(first).ids);
});

test('posts of one producer that are under way together keep their order', async () => {
  const queue = 'order';
  await client.call(`${Q}/CreateQueue`, { queue });
  await client.subscribe(producer.producerId);
  for (let n = 0; n < 1_000; n++) await producer.publish(queue, BigInt(n), [n]);
  const receipts = await receiptsOf(1_000);
  const markers = [...receipts]
    .sort((a, b) => Number(a.producerSequence - b.producerSequence))
    .map((receipt) => Number(stored(receipt).markers[0]));
  expect(markers).toEqual([...markers].sort((a, b) => a - b));
});

test('what is wrong with a post is told in its receipt, as by the other doors', async () => {
  const { producerId } = producer;
  await client.subscribe(producerId);
  await producer.publish('nowhere', 1n, ['a']);
  await producer.publish('a/b', 2n, ['a']);
  await producer.publish('q', 3n, []);
  await producer.post({
    queue: 'q',
    messages: [{ body: Buffer.from('{'), contentType: '', ttlSeconds: 60 }],
    producerId,
    producerSequence: 4n,
  });
  await producer.publish('q', 5n, ['a'], { metadata: { 'client-id': Buffer.from('none') } });
  const receipts = await receiptsOf(5);
  const reasons = new Map(receipts.map((receipt) => [receipt.producerSequence, reasonOf(receipt)]));
  expect(reasons).toEqual(
    new Map([
      [1n, 'QUEUE_NOT_FOUND'],
      [2n, 'INVALID_QUEUE_NAME'],
      [3n, 'INVALID_REQUEST'],
      [4n, 'INVALID_BODY'],
      [5n, 'INVALID_REQUEST'],
    ]),
  );
});

test('what names no producer, or is no post, is thrown away and counted', async () => {
  const { producerId } = producer;
  await client.subscribe(producerId);
  await producer.socket.send('garbage');
  await producer.socket.send(['two', 'frames']);
  await producer.post({ queue: 'q', producerSequence: 1n });
  await producer.post({ queue: 'q', producerId });
  await producer.publish('q', 1n, ['a'], { metadata: { 'marconi-project-bin': Buffer.alloc(0) } });
  await producer.publish('nowhere', 9n, ['a']);
  expect((await receiptsOf(1)).map(({ producerSequence }) => producerSequence)).toEqual([9n]);
  const metrics = await (await fetch(server.metricsUrl)).text();
  expect(metrics).toMatch(/marconi_zmq_refused_frames_total\{socket="pull",cause="frames"\} 1/);
  expect(metrics).toMatch(/marconi_zmq_refused_frames_total\{socket="pull",cause="invalid_request"\} 3/);
  expect(metrics).toMatch(/marconi_zmq_refused_frames_total\{socket="pull",cause="invalid_project"\} 1/);
});

test('receipts are of one project: another, with the same producer id, hears nothing', async () => {
  const queue = 'mine';
  const metadata = { 'marconi-project-bin': Buffer.from('blue') };
  await client.call(`${Q}/CreateQueue`, { queue }, { metadata });
  const stranger = await connectZmq(server.zmqAddress('router'));
  await stranger.subscribe(producer.producerId, { 'marconi-project-bin': Buffer.from('red') });
  await client.subscribe(producer.producerId, metadata);
  await producer.publish(queue, 1n, ['a'], { metadata });
  expect(stored((await receiptsOf(1))[0])).toMatchObject({ duplicate: false });
  expect(stranger.receipts).toEqual([]);
  stranger.close();
});

test('an endpoint of one project takes its posts for its queues alone', async () => {
  const acme = { 'marconi-project-bin': Buffer.from('acme') };
  for (const queue of ['jobs', 'other']) await client.call(`${Q}/CreateQueue`, { queue }, { metadata: acme });
  const own = new ZmqProducer(server.zmqAddress('acme-in'), 'own');
  await client.subscribe('own', acme);
  await own.publish('jobs', 1n, ['a']);
  await own.publish('other', 2n, ['a']);
  await own.publish('jobs', 3n, ['b'], { metadata: acme });
  // Another project cannot be named there: the post is thrown away, and nobody could be told.
  await own.publish('jobs', 4n, ['c'], { metadata: { 'marconi-project-bin': Buffer.from('blue') } });
  await own.publish('jobs', 5n, ['d']);
  const receipts = await receiptsOf(4);
  expect(receipts.map(({ producerSequence }) => producerSequence).sort()).toEqual([1n, 2n, 3n, 5n]);
  expect(reasonOf(receipts.find(({ producerSequence }) => producerSequence === 2n))).toBe('PERMISSION_DENIED');
  expect(await client.call(`${Q}/GetQueueStats`, { queue: 'jobs' }, { metadata: acme })).toMatchObject({ total: 3n });
  own.close();
});

test('a server killed in the middle: what is sent again is stored once, and all of it', async () => {
  const queue = 'crash';
  await client.call(`${Q}/CreateQueue`, { queue });
  await client.subscribe(producer.producerId);
  const count = 2_000;
  const acknowledged = new Set<bigint>();
  const note = () => client.receipts.splice(0).forEach((r) => stored(r) && acknowledged.add(r.producerSequence));
  for (let n = 0; n < count; n++) {
    await producer.publish(queue, BigInt(n), [n]);
    if (n === count / 2) server.kill('SIGKILL');
    if (n === count / 2) await server.exited;
    if (n === count / 2) server = await start();
  }
  note();
  const before = acknowledged.size;
  client.close();
  client = await connectZmq(server.zmqAddress('router'));
  await client.subscribe(producer.producerId);
  await waitFor(
    'all receipts',
    async () => {
      note();
      const missing = Array.from({ length: count }, (_, n) => BigInt(n)).filter((n) => !acknowledged.has(n));
      for (const n of missing) await producer.publish(queue, n, [Number(n)]);
      return missing.length === 0;
    },
    { ms: 40_000, every: 500 },
  );
  expect(before).toBeLessThan(count);
  expect(await client.call(`${Q}/GetQueueStats`, { queue })).toMatchObject({ total: BigInt(count) });
});
