import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';
import { call, connect, type Connection } from '../support/grpc-client.js';
import { batch, Following } from '../support/grpc-stream.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { waitFor } from '../support/wait.js';
import { connectZmq, type ZmqClient } from '../support/zmq-client.js';
import { listOver, openTopic, ZmqSubscriber } from '../support/zmq-subscriber.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const RESTARTS = LONG ? 20 : 4;
const PRODUCERS = LONG ? 8 : 4;
const MESSAGES = LONG ? 100_000 : 6_000;
const BATCH = 10;
const EACH = 2;
const QUEUE = 'followed';

/** A message as a follower saw it. */
interface Seen {
  readonly id: string;
  readonly marker: number;
  readonly value: string;
}

const seen = (message: { id: string; marker: string; body: Buffer }): Seen => ({
  id: message.id,
  marker: Number(message.marker),
  value: JSON.parse(message.body.toString()) as string,
});

const folder = makeTempDir('followers');
let flags: string[];
let node: RunningMarconi;
let grpc: Connection;
let zmq: ZmqClient;
/** Settled while the node is up. */
let up: Promise<unknown>;
let over = false;

const start = async (): Promise<void> => {
  node = await startMarconi({ command: 'core', storage: `sqlite:${folder}/marconi.db`, args: flags });
  grpc = connect(node.grpcAddress);
  zmq = await connectZmq(node.zmqAddress('router'));
};

const restart = async (): Promise<void> => {
  node.kill('SIGKILL');
  grpc.close();
  zmq.close();
  up = node.exited.then(start);
  await up;
};

beforeAll(async () => {
  const [router, pub] = [await freePort(), await freePort()].map((port) => `tcp://127.0.0.1:${port}`);
  flags = [`--zmq-router=${router}`, `--zmq-pub=${pub}`];
  await (up = start());
  await call(grpc.queues, 'createQueue', { queue: QUEUE });
});

afterAll(async () => {
  grpc.close();
  zmq.close();
  await node.stop();
  removeTempDir(folder);
});

/** Posts its share, batch after batch, each until it is acknowledged. */
async function produce(producer: number): Promise<void> {
  for (let sequence = 0; sequence < MESSAGES / PRODUCERS / BATCH; sequence++) {
    const values = Array.from({ length: BATCH }, (_, at) => JSON.stringify(`${producer}:${sequence * BATCH + at}`));
    const request = batch(QUEUE, values, { producer: `p${producer}`, sequence });
    for (;;) {
      await up;
      const posted = await call(grpc.messages, 'postMessages', request, { timeoutMs: 3_000 }).catch(() => null);
      if (posted !== null) break;
      await sleep(20);
    }
  }
}

/** Follows over gRPC, from the last marker whenever the stream ends. */
class GrpcFollower {
  readonly messages: Seen[] = [];
  private marker = '';

  async run(): Promise<void> {
    while (!over) {
      await up;
      const from = { $case: 'marker', value: this.marker } as const;
      const stream = new Following(grpc, { queue: QUEUE, from, echo: true, includeClaimed: true });
      try {
        for (;;) {
          const { messages, nextMarker } = await stream.next(500);
          for (const { message } of messages) this.messages.push(seen(message!));
          this.marker = nextMarker;
          if (over) break;
        }
      } catch {
        // It ended, or said nothing for a while: from the last marker again.
      }
      stream.cancel();
    }
  }
}

/** What is in the queue, in the order of the markers. */
async function stored(): Promise<Seen[]> {
  const found: Seen[] = [];
  const list = listOver(() => zmq, QUEUE);
  for (let page = await list(0); page.messages.length > 0; page = await list(found.at(-1)!.marker)) {
    found.push(...page.messages.map(seen));
  }
  return found;
}

test(`${RESTARTS} kills while ${PRODUCERS} producers post ${MESSAGES}: followers miss nothing, repeat nothing, keep the order`, async () => {
  const { topic } = await openTopic(zmq, QUEUE);
  const subscribers = Array.from({ length: EACH }, () => {
    const one = new ZmqSubscriber(node.zmqAddress('pub'), { position: 0, list: listOver(() => zmq, QUEUE) });
    one.subscribe(topic);
    return one;
  });
  const followers = Array.from({ length: EACH }, () => new GrpcFollower());
  const following = Promise.all(followers.map((follower) => follower.run()));
  const producing = Promise.all(Array.from({ length: PRODUCERS }, (_, n) => produce(n)));

  const part = MESSAGES / (RESTARTS + 1);
  for (let kills = 1; kills <= RESTARTS; kills++) {
    await waitFor('progress', () => followers[0]!.messages.length >= kills * part, { ms: 120_000 });
    await restart();
  }
  await producing;
  const all = await stored();
  const heard = () => [...followers, ...subscribers].map(({ messages }) => messages.length);
  await waitFor('all followers', () => heard().every((count) => count >= MESSAGES), { ms: 60_000 }).catch(() => null);
  over = true;
  for (const one of subscribers) one.close();
  await following;

  expect(all).toHaveLength(MESSAGES);
  for (let producer = 0; producer < PRODUCERS; producer++) {
    const own = all
      .filter(({ value }) => value.startsWith(`${producer}:`))
      .map(({ value }) => Number(value.split(':')[1]));
    expect(own).toEqual(own.map((_, at) => at));
  }
  for (const { messages } of followers) expect(messages).toEqual(all);
  for (const { messages } of subscribers) expect(messages.map(seen)).toEqual(all);
  const gaps = subscribers.map((one) => one.gaps);
  console.log(JSON.stringify({ restarts: RESTARTS, messages: MESSAGES, heard: heard(), gaps }));
});
