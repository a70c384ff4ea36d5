import { setTimeout as sleep } from 'node:timers/promises';
import { EnvelopeKind } from '../../src/gen/marconi/v1/envelope.js';
import { ListMessagesRequest } from '../../src/gen/marconi/v1/messages.js';
import { call, connect, type Connection } from '../support/grpc-client.js';
import { Consuming, Following } from '../support/grpc-stream.js';
import { treeRss } from '../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { connectZmq, envelopeBytes, type ZmqClient } from '../support/zmq-client.js';
import { listOver, openTopic, ZmqSubscriber } from '../support/zmq-subscriber.js';
import { startWorker, type ZmqWorker } from '../support/zmq-worker.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const MIB = 1024 * 1024;
/** Of each of five kinds. */
const EACH = LONG ? 20 : 4;
/** What is offered to each. */
const OFFERED = (LONG ? 250 : 30) * MIB;
/** V8 and malloc keep some MiB of what passed through: seen the more, the shorter the run. */
const MOST_GROWTH = (LONG ? 64 : 112) * MIB;
const BODY = JSON.stringify('x'.repeat(1022));
const PER_POST = 128;
const QUEUE = 'offered';
/** Of few large messages, as whose pages are full. */
const LARGE = 'large';
const LARGE_BODY = JSON.stringify('x'.repeat(16_382));
/** Bytes of a page through the router. */
const PAGE = 128 * 1024;
/** Pages that a client asks for in a second: what is judged is what it does not read, not how fast it asks. */
const ASKED_PER_SECOND = 100;
const OTHER = 'other';
/** Posts and claims of the client beside them, and how often. */
const PROBES = LONG ? 400 : 60;
const PACE_MS = 10;

let node: RunningMarconi;
let grpc: Connection;
let beside: Connection;
let zmq: ZmqClient;
const open: { close(): void }[] = [];
const kept = <T extends { close(): void }>(one: T): T => {
  open.push(one);
  return one;
};

beforeAll(async () => {
  node = await startMarconi({ command: 'core' });
  grpc = kept(connect(node.grpcAddress));
  beside = kept(connect(node.grpcAddress));
  zmq = kept(await connectZmq(node.zmqAddress('router')));
  for (const queue of [QUEUE, OTHER, LARGE]) await call(grpc.queues, 'createQueue', { queue });
});

afterAll(async () => {
  for (const one of open) one.close();
  await node.stop();
});

const messages = (count: number, body = BODY) =>
  Array.from({ length: count }, () => ({ body: Buffer.from(body), contentType: '', ttlSeconds: 3_600 }));

async function offer(queue: string): Promise<void> {
  for (let bytes = 0; bytes < OFFERED; bytes += PER_POST * BODY.length) {
    await call(grpc.messages, 'postMessages', { queue, messages: messages(PER_POST) });
  }
}

/** Reads a queue through both doors, as any reader does. */
async function readAll(queue: string): Promise<void> {
  const list = listOver(() => zmq, queue);
  for (let page = await list(0); page.messages.length > 0;) page = await list(Number(page.messages.at(-1)!.marker));
  const stream = new Following(grpc, { queue, echo: true, includeClaimed: true });
  await stream.messages(Math.floor(OFFERED / BODY.length));
  stream.cancel();
}

/** The slowest of a hundred: a post, a claim and its acknowledgement, at a measured pace. */
async function p99(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < PROBES; n++) {
    const began = performance.now();
    await call(beside.messages, 'postMessages', { queue: OTHER, messages: messages(1) });
    const request = { queue: OTHER, ttlSeconds: 60, graceSeconds: 60, limit: 10 };
    const { claim } = await call(beside.claims, 'createClaim', request);
    const ids = claim!.messages.map(({ id }) => id);
    await call(beside.claims, 'acknowledgeMessages', { queue: OTHER, claimId: claim!.id, ids });
    times.push(performance.now() - began);
    await sleep(PACE_MS);
  }
  return times.sort((a, b) => a - b)[Math.floor(PROBES * 0.99)]!;
}

/** A client that asks for page after page of all there is, and reads none. */
async function greedyDealer(): Promise<void> {
  const client = kept(await connectZmq(node.zmqAddress('router'), { readAhead: 1 }));
  const page = ListMessagesRequest.encode(
    ListMessagesRequest.fromPartial({ queue: LARGE, marker: '', limit: 20, echo: true, includeClaimed: true }),
  ).finish();
  client.stall();
  const method = 'marconi.v1.MessageService/ListMessages';
  const ask = (): Promise<void> => {
    const envelope = { version: 1, kind: EnvelopeKind.ENVELOPE_KIND_REQUEST, method, session: client.session };
    return client.send(envelopeBytes({ ...envelope, sequence: ++client.sequence, payload: Buffer.from(page) }));
  };
  for (let bytes = 0; bytes < OFFERED; bytes += PAGE) {
    await ask();
    await sleep(1_000 / ASKED_PER_SECOND);
  }
}

async function stalledConsumer(): Promise<void> {
  const stream = new Consuming(kept(connect(node.grpcAddress)));
  await stream.start(QUEUE);
  stream.pause();
  stream.grant(2 ** 31 - 1, 2 ** 40);
}

function stalledFollower(): void {
  new Following(kept(connect(node.grpcAddress)), { queue: QUEUE, echo: true, includeClaimed: true }).pause();
}

async function stalledSubscriber(topic: Buffer): Promise<void> {
  const readAhead = { publications: 1, bytes: 4_096 };
  const list = listOver(() => zmq, QUEUE);
  const one = kept(new ZmqSubscriber(node.zmqAddress('pub'), { list, readAhead }));
  one.stall();
  one.subscribe(topic);
  await sleep(10);
}

async function stalledWorker(): Promise<ZmqWorker> {
  const addresses = { router: node.zmqAddress('router'), push: node.zmqAddress('push') };
  const credit = { queues: [QUEUE], messages: 65_536, batch: 20 };
  return kept(await startWorker(addresses, { credit, work: () => new Promise(() => undefined) }));
}

test(`${5 * EACH} readers that do not read, ${OFFERED / MIB} MiB offered to each: memory stays, and others go on`, async () => {
  await call(grpc.messages, 'postMessages', { queue: LARGE, messages: messages(10, LARGE_BODY) });
  // Warm: as much as will be offered has been posted and read before anything is compared.
  await offer(OTHER);
  await readAll(OTHER);
  await call(grpc.queues, 'deleteQueue', { queue: OTHER });
  await call(grpc.queues, 'createQueue', { queue: OTHER });
  await p99();
  const quiet = await p99();
  const before = treeRss(node.pid);
  const { topic } = await openTopic(zmq, QUEUE);
  for (let n = 0; n < EACH; n++) {
    await stalledSubscriber(topic);
    stalledFollower();
    await stalledConsumer();
    await stalledWorker();
  }
  await offer(QUEUE);
  const dealers = Promise.all(Array.from({ length: EACH }, () => greedyDealer()));
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, treeRss(node.pid))), 100);
  await sleep(500);
  const stalled = await p99();
  await dealers;
  clearInterval(watch);
  const growth = Math.max(most, treeRss(node.pid)) - before;
  console.log(
    JSON.stringify({
      readers: 5 * EACH,
      offeredMiB: OFFERED / MIB,
      growthMiB: Math.round(growth / MIB),
      quiet,
      stalled,
    }),
  );
  expect(growth).toBeLessThan(MOST_GROWTH);
  // Times are judged where the machine has nothing else to do.
  if (LONG) expect(stalled).toBeLessThan(2 * quiet);
});
