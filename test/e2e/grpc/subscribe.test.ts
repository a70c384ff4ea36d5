import { setTimeout as sleep } from 'node:timers/promises';
import type { SubscribeResponse } from '../../../src/gen/marconi/v1/delivery.js';
import { call, connect, type CallOptions, type Connection } from '../../support/grpc-client.js';
import { batch, Following, newMessage, Publishing, type StreamEnd } from '../../support/grpc-stream.js';
import { treeRss } from '../../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const ME = '6f0f1d0f8e0f4a7c9a55000000000001';

let server: RunningMarconi;
let to: Connection;
let queue: string;
let queues = 0;
const streams: Following[] = [];

beforeAll(async () => {
  server = await startMarconi({ command: 'core' });
  to = connect(server.grpcAddress);
});
afterAll(async () => {
  to.close();
  await server.stop();
});
beforeEach(async () => {
  queue = `follow-${queues++}`;
  await call(to.queues, 'createQueue', { queue });
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.cancel();
});

function follow(request: ConstructorParameters<typeof Following>[1] = {}, options: CallOptions = {}): Following {
  const stream = new Following(to, { queue, ...request }, options);
  streams.push(stream);
  return stream;
}

const post = (count: number, options: CallOptions = {}) =>
  call(to.messages, 'postMessages', { queue, messages: Array.from({ length: count }, () => newMessage()) }, options);
const refusal = (end: StreamEnd) => {
  if (end === 'OK') throw new Error('The stream ended well.');
  return end;
};
const markers = (found: Awaited<ReturnType<Following['messages']>>): number[] =>
  found.map(({ message }) => Number(message!.marker));
const range = (from: number, to_: number): number[] => Array.from({ length: to_ - from + 1 }, (_, n) => from + n);

describe('Subscribe', () => {
  it('begins with an empty answer, gives what is there and what comes, each with the marker before it', async () => {
    await post(3);
    const stream = follow();
    expect(await stream.next()).toEqual({ messages: [], nextMarker: '0' });
    const first = await stream.messages(3);
    await post(400);
    const rest = await stream.messages(400);
    const all = [...first, ...rest];
    expect(markers(all)).toEqual(range(1, 403));
    expect(all.map(({ prevMarker }) => Number(prevMarker))).toEqual(range(0, 402));
  });

  it('begins after a marker, after the id of a message, and now', async () => {
    const { ids, markers: posted } = await post(5);
    const places = [
      { from: { $case: 'marker', value: posted[2]! }, begins: '3', first: 4 },
      { from: { $case: 'marker', value: ids[3]! }, begins: '4', first: 5 },
      { from: { $case: 'marker', value: '' }, begins: '0', first: 1 },
      { from: { $case: 'now', value: true }, begins: '5', first: 6 },
    ] as const;
    const opened = places.map(({ from }) => follow({ from }));
    for (const [n, { begins }] of places.entries()) {
      expect(await opened[n]!.next()).toEqual({ messages: [], nextMarker: begins });
    }
    await post(1);
    for (const [n, { first }] of places.entries()) {
      expect(markers(await opened[n]!.messages(7 - first))).toEqual(range(first, 6));
    }
  });

  it('leaves out own messages unless echo, and claimed ones unless asked for', async () => {
    await post(1, { clientId: ME });
    await post(2);
    await call(to.claims, 'createClaim', { queue, ttlSeconds: 60, graceSeconds: 60, limit: 1 });
    await call(to.claims, 'createClaim', { queue, ttlSeconds: 60, graceSeconds: 60, limit: 1 });
    await post(1, { clientId: ME });
    const shown = async (request: Parameters<typeof follow>[0], count: number) => {
      const stream = follow(request, { clientId: ME });
      const found = await stream.messages(count);
      return found.map(({ message, prevMarker }) => [Number(message!.marker), Number(prevMarker)]);
    };
    expect(await shown({}, 1)).toEqual([[3, 0]]);
    expect(await shown({ echo: true }, 2)).toEqual([
      [3, 0],
      [4, 3],
    ]);
    expect(await shown({ includeClaimed: true }, 2)).toEqual([
      [2, 0],
      [3, 2],
    ]);
    expect(await shown({ echo: true, includeClaimed: true }, 4)).toHaveLength(4);
  });

  it('shows the same message as GetMessage, and takes nothing', async () => {
    const { ids } = await post(1);
    const [followed] = await follow().messages(1);
    const { message } = await call(to.messages, 'getMessage', { queue, id: ids[0]! });
    expect({ ...followed!.message, ageSeconds: 0n }).toEqual({ ...message, ageSeconds: 0n });
    expect((await call(to.queues, 'getQueueStats', { queue })).claimed).toBe(0n);
  });

  it('shows that it lives after 15 seconds of silence', async () => {
    await post(1);
    const stream = follow();
    await stream.messages(1);
    const since = performance.now();
    expect(await stream.next(20_000)).toEqual({ messages: [], nextMarker: '1' });
    expect(performance.now() - since).toBeGreaterThan(14_000);
  });

  it.each([
    ['now that is false', { from: { $case: 'now', value: false } as const }, 'now'],
    ['a marker that is none', { from: { $case: 'marker', value: 'x y' } as const }, 'marker'],
  ])('refuses %s and names the field', async (_, request, field) => {
    expect(refusal(await follow(request).end())).toMatchObject({ reason: 'INVALID_REQUEST', fields: [field] });
  });

  it('refuses a queue that is none or not there, and an id that is not in it', async () => {
    expect(refusal(await follow({ queue: 'no name' }).end())).toMatchObject({
      reason: 'INVALID_QUEUE_NAME',
      fields: ['queue'],
    });
    expect(refusal(await follow({ queue: 'missing' }).end()).reason).toBe('QUEUE_NOT_FOUND');
    const { ids } = await post(1);
    await call(to.messages, 'deleteMessage', { queue, id: ids[0]! });
    const gone = follow({ from: { $case: 'marker', value: ids[0]! } });
    expect(refusal(await gone.end()).reason).toBe('MESSAGE_NOT_FOUND');
    const other = follow({}, { clientId: 'no uuid' });
    expect(refusal(await other.end())).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['client-id'] });
  });

  it('ends when its queue is deleted, also when another of that name is made', async () => {
    const stream = follow();
    await stream.next();
    await call(to.queues, 'deleteQueue', { queue });
    await call(to.queues, 'createQueue', { queue });
    expect(refusal(await stream.end(2_000)).reason).toBe('QUEUE_NOT_FOUND');
  });

  it('sees nothing of a queue of that name in another project', async () => {
    const options = { project: 'other' };
    await call(to.queues, 'createQueue', { queue }, options);
    const stream = follow({}, options);
    await stream.next();
    await post(1);
    await post(1, options);
    expect(await stream.messages(1)).toHaveLength(1);
    await sleep(200);
    expect(stream.waiting).toEqual([]);
  });

  it('keeps little for readers that stall, and gives each all of it when they read', async () => {
    const BODY = 64 * KIB;
    const MESSAGES = (50 * MIB) / BODY;
    const publishing = new Publishing(to);
    const four = Array.from({ length: 4 }, () => `"${'x'.repeat(BODY - 2)}"`);
    for (let n = 0; n < MESSAGES / 4; n++) publishing.send(batch(queue, four));
    publishing.halfClose();
    await publishing.window();
    await publishing.receipts(MESSAGES / 4);
    const before = treeRss(server.pid);
    const readers = Array.from({ length: 8 }, () => follow());
    for (const reader of readers) {
      await reader.next();
      reader.pause();
    }
    await sleep(2_000);
    expect(treeRss(server.pid) - before).toBeLessThan(64 * MIB);
    readers[0]!.resume();
    expect(markers(await readers[0]!.messages(MESSAGES))).toEqual(range(1, MESSAGES));
  });

  it('goes on from the last marker over restarts by kill -9: nothing missed, nothing repeated', async () => {
    const RESTARTS = 5;
    const folder = makeTempDir('follow');
    const storage = `sqlite:${folder}/marconi.db`;
    let node = await startMarconi({ command: 'core', storage });
    let client = connect(node.grpcAddress);
    await call(client.queues, 'createQueue', { queue: 'q' });
    const acked: number[] = [];
    const seen: number[] = [];
    let previous = 0;
    let marker = '0';
    let stopped = false;

    const take = ({ messages, nextMarker }: SubscribeResponse): void => {
      for (const { message, prevMarker } of messages) {
        expect(Number(prevMarker)).toBe(previous);
        previous = Number(message!.marker);
        seen.push(previous);
      }
      marker = nextMarker;
    };
    /** Follows until it is stopped and has seen what was acknowledged, each time from the last marker. */
    const reader = async (): Promise<void> => {
      const done = (): boolean => stopped && seen.length >= new Set(acked).size;
      while (!done()) {
        const from = { $case: 'marker', value: marker } as const;
        const stream = new Following(client, { queue: 'q', from, includeClaimed: true });
        while (stream.ended === null && !done()) {
          await sleep(5);
          for (const answer of stream.waiting.splice(0)) take(answer);
        }
        stream.cancel();
        await sleep(20);
      }
    };
    const producer = async (name: number): Promise<void> => {
      for (let n = 0; !stopped; n++) {
        const request = { ...batch('q', ['1', '2'], { producer: `p${name}`, sequence: n }) };
        for (let answered = false; !answered;) {
          const receipt = await call(client.messages, 'postMessages', request, { timeoutMs: 2_000 }).catch(() => null);
          if (receipt === null) await sleep(20);
          else acked.push(...receipt.markers.map(Number));
          answered = receipt !== null;
        }
      }
    };
    const work = [reader(), ...[1, 2, 3].map(producer)];
    try {
      for (let restart = 0; restart < RESTARTS; restart++) {
        const target = acked.length + 100;
        await waitFor('progress', () => acked.length > target, { ms: 30_000 });
        node.kill('SIGKILL');
        await node.exited;
        node = await startMarconi({ command: 'core', storage });
        const old = client;
        client = connect(node.grpcAddress);
        old.close();
      }
      await waitFor('the last life', () => acked.length > RESTARTS * 100 + 100);
    } finally {
      stopped = true;
    }
    await Promise.all(work);
    // Duplicates of a post give its markers again.
    expect(seen).toEqual([...new Set(acked)].sort((a, b) => a - b));
    client.close();
    expect(await node.stop()).toBe(0);
    removeTempDir(folder);
  });
});
