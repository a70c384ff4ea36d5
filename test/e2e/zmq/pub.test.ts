import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../../src/gen/marconi/v1/messages.js';
import { topicKey, Topics } from '../../../src/transport/zmq/topics.js';
import { freePort } from '../../support/free-port.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, refusedZmq, type ZmqClient } from '../../support/zmq-client.js';
import { ZmqProducer } from '../../support/zmq-producer.js';
import { listOver, openTopic, ZmqSubscriber, type SubscriberOptions } from '../../support/zmq-subscriber.js';

const folder = makeTempDir('pub');
const storage = `sqlite:${folder}/marconi.db`;
const blue = { 'marconi-project-bin': Buffer.from('blue') };
let flags: string[];
let server: RunningMarconi;
let client: ZmqClient;
const open: { close(): void }[] = [];

const start = () => startMarconi({ command: 'core', storage, args: flags });
const kept = <T extends { close(): void }>(socket: T): T => {
  open.push(socket);
  return socket;
};
const create = (queue: string, metadata = {}) =>
  client.call('marconi.v1.QueueService/CreateQueue', { queue }, { metadata });
const post = (queue: string, bodies: readonly unknown[], metadata = {}) => {
  const messages = bodies.map((body) => ({
    body: Buffer.from(JSON.stringify(body)),
    contentType: '',
    ttlSeconds: 300,
  }));
  return client.call('marconi.v1.MessageService/PostMessages', { queue, messages }, { metadata });
};
const subscriberAt = (name: string, queue: string, options: Partial<SubscriberOptions> = {}, metadata = {}) =>
  kept(new ZmqSubscriber(server.zmqAddress(name), { list: listOver(() => client, queue, metadata), ...options }));
const follow = async (queue: string, options: Partial<SubscriberOptions> = {}) => {
  const subscriber = subscriberAt('pub', queue, options);
  subscriber.subscribe((await openTopic(client, queue)).topic);
  await waitFor('the admission', () => subscriber.heard > 0);
  return subscriber;
};
const bodiesOf = (subscriber: ZmqSubscriber, count: number, ms = 20_000) =>
  waitFor(`${count} messages`, () => (subscriber.bodies.length >= count ? subscriber.bodies : null), { ms });
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

beforeAll(async () => {
  const [router, pull, pub, own] = (await Promise.all([0, 1, 2, 3].map(freePort))).map((p) => `tcp://127.0.0.1:${p}`);
  const endpoint = { role: 'pub', listen: own, project: 'blue', queues: ['news'], domain: 'blue-out' };
  flags = [`--zmq-router=${router}`, `--zmq-pull=${pull}`, `--zmq-pub=${pub}`];
  flags.push(`--zmq-endpoints=${JSON.stringify([endpoint])}`);
  server = await start();
});

beforeEach(async () => {
  client = await connectZmq(server.zmqAddress('router'));
});

afterEach(() => {
  client.close();
  open.splice(0).forEach((socket) => socket.close());
});

afterAll(async () => {
  await server.stop();
  removeTempDir(folder);
});

test('a subscriber hears what is posted, with ids and markers, also while it is claimed', async () => {
  await create('live');
  const subscriber = await follow('live');
  const { ids, markers } = await post('live', ['a', 'b']);
  await client.call('marconi.v1.ClaimService/CreateClaim', { queue: 'live', ttlSeconds: 60, graceSeconds: 60 });
  const late = await follow('live', { position: 0 });
  expect(await bodiesOf(subscriber, 2)).toEqual(['a', 'b']);
  expect(await bodiesOf(late, 2)).toEqual(['a', 'b']);
  for (const { messages } of [subscriber, late]) {
    expect(messages.map(({ id }) => id)).toEqual(ids);
    expect(messages.map(({ marker }) => marker)).toEqual(markers);
  }
});

test('the endpoint that all share keeps projects apart by their topics', async () => {
  await create('apart');
  await create('apart', blue);
  const own = await follow('apart');
  const other = subscriberAt('pub', 'apart', {}, blue);
  other.subscribe((await openTopic(client, 'apart', { metadata: blue })).topic);
  await waitFor('the admission', () => other.heard > 0);
  await post('apart', ['mine']);
  expect(await bodiesOf(own, 1)).toEqual(['mine']);
  await sleep(100);
  expect(other).toMatchObject({ messages: [], gaps: 0 });
});

test('silence is told within the heartbeat', async () => {
  await create('silent');
  const { topic, heartbeat, expiresAt } = await openTopic(client, 'silent');
  expect(heartbeat).toEqual({ seconds: 15n, nanos: 0 });
  expect(Number(expiresAt!.seconds)).toBeGreaterThan(Date.now() / 1000 + 3_500);
  const subscriber = subscriberAt('pub', 'silent');
  subscriber.subscribe(topic);
  await waitFor('the admission', () => subscriber.heard > 0);
  // Both the beginning and the newcomer are told.
  await sleep(1_000);
  const { heard } = subscriber;
  await sleep(5_000);
  expect(subscriber.heard).toBe(heard);
  await waitFor('a sign of life', () => subscriber.heard > heard, { ms: 20_000 });
  expect(subscriber).toMatchObject({ messages: [], gaps: 0 });
}, 40_000);

test("the empty topic, part of one, forged ones, others' and those that are over hear nothing", async () => {
  await create('secret', blue);
  const { topic } = await openTopic(client, 'secret', { metadata: blue });
  const text = topic.toString();
  const past = new Topics(topicKey(null), () => Date.now() / 1000 - 10_000);
  const wrong = ['', text.slice(0, 30), text.slice(0, -1), `${text}/`, text.replace('/blue/', '/red/')];
  wrong.push(`B${text.slice(1)}`, past.grant('pub', { project: 'blue', queue: 'secret' }).text);
  wrong.push(
    new Topics(Buffer.alloc(32), () => Date.now() / 1000).grant('pub', { project: 'blue', queue: 'secret' }).text,
  );
  const deaf = wrong.map((one) => {
    const subscriber = subscriberAt('pub', 'secret', {}, blue);
    subscriber.subscribe(one);
    return subscriber;
  });
  const subscriber = subscriberAt('pub', 'secret', {}, blue);
  subscriber.subscribe(topic);
  await waitFor('the admission', () => subscriber.heard > 0);
  await waitFor('the refusals', async () => {
    const metrics = await (await fetch(server.metricsUrl)).text();
    return metrics.includes(`marconi_zmq_refused_frames_total{socket="pub",cause="topic"} ${wrong.length}`);
  });
  await post('secret', ['for blue'], blue);
  expect(await bodiesOf(subscriber, 1)).toEqual(['for blue']);
  await sleep(100);
  expect(deaf.map(({ heard }) => heard)).toEqual(wrong.map(() => 0));
});

test('topics are granted for queues that exist, at endpoints of their project, and not else', async () => {
  for (const queue of ['news', 'other']) await create(queue, blue);
  const refusalOf = async (queue: string, endpoint: string, metadata = {}) =>
    (await refusedZmq(openTopic(client, queue, { endpoint, metadata }))).reason;
  expect(await refusalOf('nowhere', '')).toBe('QUEUE_NOT_FOUND');
  expect(await refusalOf('news', '')).toBe('QUEUE_NOT_FOUND');
  expect(await refusalOf('a/b', '')).toBe('INVALID_QUEUE_NAME');
  expect(await refusalOf('news', 'blue-out')).toBe('PERMISSION_DENIED');
  expect(await refusalOf('other', 'blue-out', blue)).toBe('PERMISSION_DENIED');
  expect(await refusalOf('news', 'nowhere', blue)).toBe('PERMISSION_DENIED');
  expect(await refusalOf('news', 'pull', blue)).toBe('PERMISSION_DENIED');
  client.session = Buffer.alloc(24);
  expect(await refusalOf('news', 'blue-out', blue)).toBe('UNAUTHENTICATED');
});

test('a topic is of one endpoint', async () => {
  await create('news', blue);
  const { topic } = await openTopic(client, 'news', { endpoint: 'blue-out', metadata: blue });
  const [own, shared] = ['blue-out', 'pub'].map((name) => subscriberAt(name, 'news', {}, blue));
  for (const subscriber of [own!, shared!]) subscriber.subscribe(topic);
  await waitFor('the admission', () => own!.heard > 0);
  await post('news', ['n'], blue);
  expect(await bodiesOf(own!, 1)).toEqual(['n']);
  await sleep(100);
  expect(shared!.heard).toBe(0);
});

test('a subscriber that is slow loses publications, sees it, and lists them', async () => {
  await create('slow');
  await post('slow', ['first']);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const listNow = listOver(() => client, 'slow');
  const fast = await follow('slow');
  const slow = await follow('slow', {
    position: 0,
    readAhead: { publications: 1, bytes: 16_384 },
    list: async (position) => {
      await held;
      return listNow(position);
    },
  });
  const body = 'x'.repeat(20_000);
  const count = 1_000;
  for (let n = 0; n < count; n += 10)
    await post(
      'slow',
      numbers(10).map((m) => [n + m, body]),
    );
  const numberOf = (one: unknown) => (one as [number])[0];
  expect((await bodiesOf(fast, count)).map(numberOf)).toEqual(numbers(count));
  release();
  expect((await bodiesOf(slow, count + 1)).slice(1).map(numberOf)).toEqual(numbers(count));
  expect(slow.gaps).toBeGreaterThan(1);
});

test('killed again and again: each message once, in the order of the queue', async () => {
  const queue = 'crash';
  const count = 4_000;
  await create(queue);
  const subscribers = [await follow(queue), await follow(queue, { position: 0 })];
  const producer = kept(new ZmqProducer(server.zmqAddress('pull'), 'crash'));
  const acknowledged = new Set<bigint>();
  await client.subscribe('crash');
  const reconnect = async () => {
    client.close();
    client = await connectZmq(server.zmqAddress('router'));
    await client.subscribe('crash');
  };
  const note = () =>
    client.receipts.splice(0).forEach((r) => r.outcome?.$case === 'stored' && acknowledged.add(r.producerSequence));
  for (const n of numbers(count)) {
    await producer.publish(queue, BigInt(n), [n]);
    if (n % 1_000 !== 500) continue;
    note();
    server.kill('SIGKILL');
    await server.exited;
    server = await start();
    await reconnect();
  }
  await waitFor(
    'all receipts',
    async () => {
      note();
      const missing = numbers(count).filter((n) => !acknowledged.has(BigInt(n)));
      for (const n of missing) await producer.publish(queue, BigInt(n), [n]);
      return missing.length === 0;
    },
    { ms: 40_000, every: 500 },
  );
  const stored: Message[] = [];
  const list = listOver(() => client, queue);
  for (let page = await list(0); page.messages.length > 0; page = await list(Number(stored.at(-1)!.marker))) {
    stored.push(...page.messages);
  }
  expect(stored).toHaveLength(count);
  for (const subscriber of subscribers) {
    await bodiesOf(subscriber, count);
    expect(subscriber.messages.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
    expect(subscriber.gaps).toBeGreaterThan(0);
  }
}, 120_000);
