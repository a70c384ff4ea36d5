import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { Context, Subscriber, XSubscriber } from 'zeromq';
import type { Engine } from '../../../../src/engine/api.js';
import { openMemory } from '../../../../src/storage/drivers/memory/index.js';
import { encodeMessages } from '../../../../src/transport/encode.js';
import { MAX_TOPICS } from '../../../../src/transport/zmq/limits.js';
import { Publisher } from '../../../../src/transport/zmq/publisher.js';
import { topicKey, Topics } from '../../../../src/transport/zmq/topics.js';
import { inProject, message, testEngine } from '../../../support/engine.js';
import { waitFor } from '../../../support/wait.js';
import { ZmqSubscriber, type SubscriberOptions } from '../../../support/zmq-subscriber.js';

const ctx = inProject('blue');
const START = 1_800_000_000;
let now: number;
const topics = new Topics(topicKey(null), () => now);
let engine: Engine;
let publisher: Publisher;
let address: string;
let refused: string[];
const open: { close(): void }[] = [];

beforeEach(async () => {
  now = START;
  refused = [];
  engine = testEngine(openMemory());
  await engine.queues.create(ctx, 'q');
  publisher = new Publisher({
    name: 'pub',
    context: new Context(),
    curve: {},
    read: (bytes) => topics.read('pub', bytes),
    delivery: engine.delivery,
    silenceMs: 300,
    lingerMs: 100,
    now: () => now,
    metrics: {
      frameRefused: (_socket, cause) => void refused.push(cause),
      answersDropped: () => undefined,
      deliveryReturned: () => undefined,
      connectionRefused: () => undefined,
    },
    log: pino({ level: 'silent' }),
  });
  address = await publisher.start('tcp://127.0.0.1:*');
});

afterEach(async () => {
  open.splice(0).forEach((socket) => socket.close());
  publisher.stop();
  await engine.drain();
});

const kept = <T extends { close(): void }>(socket: T): T => {
  open.push(socket);
  return socket;
};
const topicOf = (queue = 'q', project: string | null = 'blue') => topics.grant('pub', { project, queue }).text;
const post = (bodies: readonly unknown[], queue = 'q') =>
  engine.messages.post(ctx, queue, { poster: null, messages: bodies.map((body) => message(body)), key: null });
const list = (queue: string) => async (position: number) => {
  const listing = { position: { kind: 'after', marker: position }, limit: 20, caller: null, echo: true } as const;
  const { value, now: at } = await engine.messages.list(ctx, queue, { ...listing, includeClaimed: true });
  return { messages: encodeMessages(value, at) };
};
const follow = (topic: string, options: Partial<SubscriberOptions> = {}) => {
  const subscriber = kept(new ZmqSubscriber(address, { list: list('q'), ...options }));
  subscriber.subscribe(topic);
  return subscriber;
};
const followed = async (topic = topicOf(), options: Partial<SubscriberOptions> = {}) => {
  const subscriber = follow(topic, options);
  await waitFor('the admission', () => subscriber.heard > 0);
  return subscriber;
};
const bodiesOf = (subscriber: ZmqSubscriber, count: number) =>
  waitFor(`${count} messages`, () => (subscriber.bodies.length >= count ? subscriber.bodies : null));
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test('a subscriber hears what comes from its admission on, in order and without a gap, claimed or not', async () => {
  await post(['before']);
  const subscriber = await followed();
  await engine.claims.create(ctx, 'q', { ttl: 60, grace: 60, limit: 1, waitMs: 0 });
  for (const n of numbers(500)) await post([n]);
  expect(await bodiesOf(subscriber, 500)).toEqual(numbers(500));
  expect(subscriber.gaps).toBe(0);
});

test('one that comes back with its position lists what it missed, though nothing new is posted', async () => {
  const { markers } = await post(numbers(50));
  const subscriber = await followed(topicOf(), { position: markers[9]! });
  expect(await bodiesOf(subscriber, 40)).toEqual(numbers(50).slice(10));
  expect(subscriber.gaps).toBe(1);
});

test('all subscribers of a queue share one follower, which ends a while after the last has gone', async () => {
  const all = [];
  for (let n = 0; n < 5; n++) all.push(await followed());
  now += 1;
  all.push(await followed(topicOf()));
  expect(publisher.followed).toBe(1);
  expect(engine.load().followers).toBe(1);
  await post(['x']);
  for (const one of all) expect(await bodiesOf(one, 1)).toEqual(['x']);
  all.forEach((one) => one.close());
  await waitFor('the end of the follower', () => engine.load().followers === 0);
  expect(publisher.followed).toBe(0);
});

test('a subscriber that leaves and stays connected hears no more', async () => {
  const stays = await followed();
  const leaves = await followed();
  leaves.socket.unsubscribe(topicOf());
  await sleep(100);
  const { heard } = leaves;
  await post(['x']);
  expect(await bodiesOf(stays, 1)).toEqual(['x']);
  await sleep(50);
  expect(leaves.heard).toBe(heard);
});

test('what is not a whole topic hears nothing, and is counted', async () => {
  const good = topicOf();
  const forged = `B${good.slice(1)}`;
  const others = ['', good.slice(0, 30), good.slice(0, -1), `${good}x`, forged, topicOf().replace('blue', 'red')];
  others.push(new Topics(Buffer.alloc(32), () => now).grant('pub', { project: 'blue', queue: 'q' }).text);
  others.push(topics.grant('other', { project: 'blue', queue: 'q' }).text);
  const deaf = others.map((topic) => follow(topic));
  const subscriber = await followed();
  await post(['secret']);
  expect(await bodiesOf(subscriber, 1)).toEqual(['secret']);
  await sleep(100);
  expect(deaf.map(({ heard }) => heard)).toEqual(others.map(() => 0));
  expect(refused).toEqual(others.map(() => 'topic'));
});

test('nothing is published under a topic that is over, and its queue is not followed for it', async () => {
  const subscriber = await followed();
  now += 7_200;
  await post(['late']);
  await waitFor('the end of the follower', () => engine.load().followers === 0);
  expect(subscriber.messages).toEqual([]);
  const { heard } = subscriber;
  const again = follow(topics.grant('pub', { project: 'blue', queue: 'q' }).text);
  await waitFor('the admission', () => again.heard > 0);
  expect(subscriber.heard).toBe(heard);
});

test('silence is told as where the queue is', async () => {
  const subscriber = await followed();
  await waitFor('three signs', () => subscriber.heard >= 4);
  expect(subscriber).toMatchObject({ messages: [], gaps: 0 });
});

test('a queue that is deleted is told as gone, and one that follows it under its name is followed from its start', async () => {
  const subscriber = await followed();
  await post(['old']);
  await bodiesOf(subscriber, 1);
  await engine.queues.delete(ctx, 'q');
  await waitFor('the end', () => subscriber.gone > 0);
  await engine.queues.create(ctx, 'q');
  await post(['new', 'newer']);
  expect(await bodiesOf(subscriber, 3)).toEqual(['old', 'new', 'newer']);
  expect(subscriber.gone).toBe(1);
});

test('a message too large to be kept for many is told of, and listed', async () => {
  const subscriber = await followed();
  const large = 'x'.repeat(150_000);
  await post(['small']);
  await post([large]);
  await post(['next']);
  expect(await bodiesOf(subscriber, 3)).toEqual(['small', large, 'next']);
  expect(subscriber.gaps).toBeGreaterThan(0);
});

test('more topics than an endpoint has room for are refused; those that are there go on', async () => {
  const subscriber = await followed();
  // A socket has a thousand subscriptions on their way at the most.
  const many = [0, 1].map(() => kept(new Subscriber({ linger: 0 })));
  for (const socket of many) socket.connect(address);
  for (let n = 0; n < MAX_TOPICS + 5; n++) many[n % 2]!.subscribe(topicOf(`none-${n}`));
  await waitFor('the refusals', () => refused.length === 6);
  expect(new Set(refused)).toEqual(new Set(['overloaded']));
  await post(['x']);
  expect(await bodiesOf(subscriber, 1)).toEqual(['x']);
});

describe('clients that mean harm', () => {
  /** Nothing is received meanwhile, as when the process is busy; libzmq's own threads go on. */
  const busy = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

  test('a message upstream gets nobody the publications of another, and costs nobody theirs', async () => {
    const [first, last] = [0, 1].map(() => kept(new XSubscriber({ linger: 0 })));
    const between = kept(new ZmqSubscriber(address, { list: list('q') }));
    for (const socket of [first!, last!]) socket.connect(address);
    const leaked: string[] = [];
    void (async () => {
      for await (const frames of last!) leaked.push(String(frames[0]));
    })().catch(() => undefined);
    await sleep(100);
    // libzmq 4.3.5 then takes the connection of `last` for that of `between`.
    void first!.send('upstream');
    busy(50);
    between.subscribe(topicOf());
    busy(50);
    void last!.send(Buffer.from('\x01garbage'));
    busy(50);
    await waitFor('the admission', () => between.heard > 0, { ms: 3_000 });
    await post(['secret']);
    expect(await bodiesOf(between, 1)).toEqual(['secret']);
    await sleep(50);
    expect(leaked).toEqual([]);
    expect(refused).toContain('frames');
  });

  test('refused topics are not kept for ever: the socket begins anew, and subscribers come back', async () => {
    const subscriber = await followed();
    const hostile = kept(new Subscriber({ linger: 0, reconnectInterval: 60_000 }));
    hostile.connect(address);
    let isDisconnected = false;
    void (async () => {
      for await (const { type } of hostile.events) isDisconnected ||= type === 'disconnect';
    })().catch(() => undefined);
    for (let n = 0; !isDisconnected && n < 1_000; n++) {
      hostile.subscribe(`${n}${'x'.repeat(2_000)}`);
      if (n % 50 === 0) await sleep(5);
    }
    await waitFor('the end of the connections', () => isDisconnected, { ms: 2_000 });
    await post(['x']);
    expect(await bodiesOf(subscriber, 1)).toEqual(['x']);
  });
});
