import { call, connect, type Connection } from '../../support/grpc-client.js';
import { batch, newMessage, Publishing, type StreamEnd } from '../../support/grpc-stream.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import { startDoor } from '../../support/grpc-door.js';
import { openCalls } from '../../support/open-calls.js';
import { treeRss } from '../../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { watchedStorage } from '../../support/watched-steps.js';
import { waitFor } from '../../support/wait.js';
import { Durability } from '../../../src/gen/marconi/v1/messages.js';

const MIB = 1024 * 1024;

let server: RunningMarconi;
let to: Connection;
let queue: string;
let queues = 0;

beforeAll(async () => {
  server = await startMarconi({ command: 'core' });
  to = connect(server.grpcAddress);
});
afterAll(async () => {
  to.close();
  await server.stop();
});
beforeEach(async () => {
  queue = `publish-${queues++}`;
  await call(to.queues, 'createQueue', { queue });
});

async function bodies(name = queue): Promise<string[]> {
  const found: string[] = [];
  for (let marker = ''; ;) {
    const page = await call(to.messages, 'listMessages', { queue: name, marker, limit: 20, echo: true });
    if (page.messages.length === 0) return found;
    found.push(...page.messages.map(({ body }) => body.toString()));
    marker = page.nextMarker;
  }
}

const total = async (): Promise<number> => Number((await call(to.queues, 'getQueueStats', { queue })).total);

function refusal(end: StreamEnd) {
  if (end === 'OK') throw new Error('The stream ended well.');
  return end;
}

describe('Publish', () => {
  it('answers batches in their order, durable, with ids and markers, and ends well after the last', async () => {
    const stream = new Publishing(to);
    expect(await stream.window()).toEqual({ batches: 64, bytes: BigInt(MIB) });
    stream.send(batch(queue, ['0', '1']));
    for (let n = 2; n < 200; n++) stream.send(batch('', [`${n}`]));
    stream.halfClose();
    const receipts = await stream.receipts(199);
    expect(await stream.end()).toBe('OK');
    const markers = receipts.flatMap((receipt) => receipt.markers.map(Number));
    expect(markers).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    expect(new Set(receipts.flatMap(({ ids }) => ids)).size).toBe(200);
    expect(receipts.every(({ durability }) => durability === Durability.DURABILITY_FSYNC)).toBe(true);
    expect(await bodies()).toEqual(Array.from({ length: 200 }, (_, n) => `${n}`));
  });

  it('ends well when nothing was sent, and answers all that came before the half-close', async () => {
    const empty = new Publishing(to);
    empty.halfClose();
    await empty.window();
    expect(await empty.end()).toBe('OK');
    const stream = new Publishing(to);
    for (let n = 0; n < 10; n++) stream.send(batch(queue, [`${n}`]));
    stream.halfClose();
    await stream.window();
    expect(await stream.receipts(10)).toHaveLength(10);
    expect(await stream.end()).toBe('OK');
  });

  it('goes from queue to queue, each batch in its place', async () => {
    await call(to.queues, 'createQueue', { queue: `${queue}-b` });
    const stream = new Publishing(to);
    stream.send(batch(queue, ['1']));
    stream.send(batch(`${queue}-b`, ['2']));
    stream.send(batch('', ['3']));
    stream.send(batch(queue, ['4']));
    stream.halfClose();
    await stream.window();
    await stream.receipts(4);
    expect(await stream.end()).toBe('OK');
    expect([await bodies(), await bodies(`${queue}-b`)]).toEqual([
      ['1', '4'],
      ['2', '3'],
    ]);
  });

  it.each([
    ['a body that is no JSON', batch('', ['{']), 'INVALID_BODY', 'messages[0].body'],
    ['no message', batch('', []), 'INVALID_REQUEST', 'messages'],
    [
      'a ttl that is too short',
      { ...batch('', []), messages: [{ ...newMessage(), ttlSeconds: 59 }] },
      'INVALID_REQUEST',
      'messages[0].ttl_seconds',
    ],
    ['too many bytes', batch('', [`"${'x'.repeat(262_143)}"`]), 'INVALID_REQUEST', 'messages'],
    ['a producer without a number', { ...batch('', ['1']), producerId: 'p' }, 'INVALID_REQUEST', 'producer_sequence'],
    ['a name that is none', batch('no name', ['1']), 'INVALID_QUEUE_NAME', 'queue'],
  ])(
    'refuses %s after the receipts before it, names the batch, and stores nothing after',
    async (_, bad, reason, field) => {
      const stream = new Publishing(to);
      stream.send(batch(queue, ['0']));
      for (let n = 1; n < 5; n++) stream.send(batch('', [`${n}`]));
      stream.send(bad);
      for (let n = 5; n < 20; n++) stream.send(batch('', [`${n}`]));
      await stream.window();
      expect(await stream.receipts(5)).toHaveLength(5);
      const end = refusal(await stream.end());
      expect(end).toMatchObject({ reason, fields: [field], facts: { batch: '5' } });
      expect(stream.waiting).toEqual([]);
      expect(await bodies()).toEqual(['0', '1', '2', '3', '4']);
    },
  );

  it('refuses the first batch without a queue, and one to a queue that is not there', async () => {
    const unnamed = new Publishing(to);
    unnamed.send(batch('', ['1']));
    expect(refusal(await unnamed.end())).toMatchObject({ reason: 'INVALID_QUEUE_NAME', facts: { batch: '0' } });
    const missing = new Publishing(to);
    missing.send(batch(queue, ['1']));
    missing.send(batch('not-there', ['1']));
    missing.send(batch(queue, ['2']));
    const end = refusal(await missing.end());
    expect(end).toMatchObject({ reason: 'QUEUE_NOT_FOUND', facts: { batch: '1' } });
    expect(await bodies()).toEqual(['1']);
  });

  it('ends when its queue is deleted, also when another of that name is made', async () => {
    const stream = new Publishing(to);
    await stream.window();
    stream.send(batch(queue, ['1']));
    await stream.receipt();
    await call(to.queues, 'deleteQueue', { queue });
    await call(to.queues, 'createQueue', { queue });
    stream.send(batch('', ['2']));
    expect(refusal(await stream.end())).toMatchObject({ reason: 'QUEUE_NOT_FOUND', facts: { batch: '1' } });
    expect(await total()).toBe(0);
  });

  it('gives the first receipt again for a repeated key, on the stream, on another, and over PostMessages', async () => {
    const key = (sequence: number) => ({ producer: 'p', sequence });
    const stream = new Publishing(to);
    await stream.window();
    for (const n of [1, 2, 1, 3]) stream.send(batch(queue, [`${n}`], key(n)));
    const receipts = await stream.receipts(4);
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, false, true, false]);
    expect(receipts[2]!.ids).toEqual(receipts[0]!.ids);
    const again = new Publishing(to);
    await again.window();
    again.send(batch(queue, ['2'], key(2)));
    expect(await again.receipt()).toEqual({ ...receipts[1], duplicate: true });
    const unary = await call(to.messages, 'postMessages', batch(queue, ['3'], key(3)));
    expect(unary).toEqual({ ...receipts[3], duplicate: true });

    again.send(batch('', ['5'], key(1)));
    again.send(batch('', ['9'], key(9)));
    again.send(batch('', ['10']));
    expect(refusal(await again.end())).toMatchObject({ reason: 'PRODUCER_KEY_REUSED', facts: { batch: '1' } });
    expect(await bodies()).toEqual(['1', '2', '3']);
    stream.cancel();
  });

  it('posts under the client id of the stream', async () => {
    const clientId = '6f0f1d0f8e0f4a7c9a55000000000001';
    const stream = new Publishing(to, { clientId });
    stream.send(batch(queue, ['1']));
    stream.halfClose();
    expect(await stream.end()).toBe('OK');
    const listed = (options = {}) => call(to.messages, 'listMessages', { queue, marker: '' }, options);
    expect((await listed({ clientId })).messages).toEqual([]);
    expect((await listed()).messages).toHaveLength(1);
  });

  /** Receipts of 1 000 ids each: few fit into what the server keeps for a client that does not read. */
  const manySmall = Array.from({ length: 1_000 }, () => '1');

  /** Waits until the server takes in nothing more. */
  async function untilHeld(): Promise<number> {
    let stored = -1;
    await waitFor(
      'the server to stop reading',
      async () => {
        const before = stored;
        stored = await total();
        return stored === before && stored > 0;
      },
      { every: 300 },
    );
    return stored;
  }

  it('holds a client back that reads no receipts, and goes on when it reads: nothing is lost', async () => {
    const stream = new Publishing(to);
    const { batches } = await stream.window();
    stream.pause();
    for (let n = 0; n < 3 * batches; n++) stream.send(batch(queue, manySmall));
    stream.halfClose();
    // A window of them, and those whose receipts are on their way.
    expect(await untilHeld()).toBeLessThan(1.5 * batches * manySmall.length);
    stream.resume();
    expect(await stream.receipts(3 * batches)).toHaveLength(3 * batches);
    expect(await stream.end()).toBe('OK');
    expect(await total()).toBe(3 * batches * manySmall.length);
  });

  it('holds back by not reading: what waits stays with the client', async () => {
    const before = treeRss(server.pid);
    const stream = new Publishing(to);
    await stream.window();
    stream.pause();
    for (let n = 0; n < 40; n++) stream.send(batch(queue, manySmall));
    const large = Buffer.from(`"${'x'.repeat(200 * 1024)}"`);
    for (let n = 0; n < 1_000; n++) stream.send(batch(queue, [large]));
    await untilHeld();
    expect(treeRss(server.pid) - before).toBeLessThan(64 * MIB);
    stream.cancel();
    await waitFor('the stream to end on the server', async () => (await openCalls(server)) === 0);
  });

  it('takes in what its window says and little more while none is answered', async () => {
    let held: Promise<void> | undefined;
    let taken = 0;
    const storage = () =>
      watchedStorage(openMemory(), ({ ops }) => {
        taken += ops.filter(({ kind }) => kind === 'post').length;
        return held;
      });
    const door = await startDoor({ storage });
    const client = connect(door.address);
    await call(client.queues, 'createQueue', { queue });
    const stream = new Publishing(client);
    const { batches } = await stream.window();
    stream.send(batch(queue, ['0']));
    await stream.receipt();

    let go = (): void => undefined;
    held = new Promise((resolve) => (go = resolve));
    taken = 0;
    const body = `"${'x'.repeat(10_000)}"`;
    for (let n = 0; n < 500; n++) stream.send(batch('', [body]));
    stream.halfClose();
    await waitFor('a full window', () => taken + door.engine.load().waitingSteps >= batches);
    await sleep(300);
    expect(taken + door.engine.load().waitingSteps).toBeLessThanOrEqual(batches + 1);
    expect(stream.unsent).toBeGreaterThan(300);
    held = undefined;
    go();
    expect(await stream.receipts(500)).toHaveLength(500);
    expect(await stream.end()).toBe('OK');
    client.close();
    await door.close();
  });
});
