import type { CallContext, Engine, Post, Publisher, Receipt } from '../../../../src/engine/api.js';
import type { EngineDeps } from '../../../../src/engine/engine.js';
import { openMemory } from '../../../../src/storage/drivers/memory/index.js';
import type { Batch } from '../../../../src/storage/ports/index.js';
import { inProject, message, testEngine, testSettings } from '../../../support/engine.js';
import { ManualTime, settle } from '../../../support/manual-time.js';
import { watchedStorage } from '../../../support/watched-steps.js';

const ctx: CallContext = inProject('p');
const post = (body: unknown, key: Post['key'] = null): Post => ({ poster: null, messages: [message(body)], key });
const keyed = (body: unknown, sequence: bigint): Post => post(body, { producer: 'p1', sequence });

let time: ManualTime;
let engine: Engine;
let publisher: Publisher;
let batches: Batch[];
/** Called before each batch is applied; throws to fail it. */
let before: (batch: Batch) => void | Promise<void>;

async function begin(changes: Partial<EngineDeps> = {}): Promise<void> {
  time = new ManualTime();
  batches = [];
  before = () => undefined;
  const storage = watchedStorage(openMemory({ clock: time }), (batch) => {
    batches.push(batch);
    return before(batch);
  });
  engine = testEngine(storage, { timers: time.timers, ...changes });
  await engine.queues.create(ctx, 'q');
  publisher = engine.delivery.publish(ctx, () => publisher.end());
}

beforeEach(() => begin());
afterEach(async () => {
  before = () => undefined;
  publisher.end();
  await engine.drain();
});

/** Posts one after the other as a door does, each as soon as it may. */
async function postAll(posts: readonly Post[], queue = 'q'): Promise<Promise<Receipt>[]> {
  const receipts: Promise<Receipt>[] = [];
  for (const each of posts) {
    let receipt = publisher.tryPost(queue, each);
    for (; receipt === null; receipt = publisher.tryPost(queue, each)) await publisher.whenReady();
    receipt.catch(() => undefined);
    receipts.push(receipt);
  }
  return receipts;
}

async function stored(queue = 'q'): Promise<unknown[]> {
  const listing = { position: { kind: 'after', marker: 0 }, limit: 1_000, caller: null } as const;
  const { value } = await engine.messages.list(ctx, queue, { ...listing, echo: true, includeClaimed: true });
  return value.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as unknown);
}

const reasonOf = (receipt: Promise<Receipt>): Promise<string> =>
  receipt.then(
    () => 'stored',
    (error: { reason: string }) => error.reason,
  );

describe('a publisher', () => {
  it('stores posts in their order, many in one commit once the queue is known', async () => {
    const receipts = await postAll(Array.from({ length: 50 }, (_, n) => post(n)));
    const markers = (await Promise.all(receipts)).map((receipt) => receipt.markers[0]);
    expect(markers).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(await stored()).toEqual(Array.from({ length: 50 }, (_, n) => n));
    const posts = batches.filter(({ ops }) => ops.some(({ kind }) => kind === 'post'));
    expect(posts.map(({ ops }) => ops.length)).toEqual([1, 49]);
  });

  it('stores nothing after a commit that failed', async () => {
    await postAll([post('first')]).then((receipts) => Promise.all(receipts));
    const receipts = await postAll([post('a')]);
    await settle();
    let fail = (): void => undefined;
    before = () => new Promise((_, reject) => (fail = () => reject(new Error('disk gone'))));
    // Two that share a commit, and two that come while it is under way.
    receipts.push(...(await postAll([post('b'), post('c')])));
    await settle();
    receipts.push(...(await postAll([post('d'), post('e')])));
    await settle();
    before = () => undefined;
    fail();
    const ends = await Promise.all(receipts.map(reasonOf));
    expect(ends.slice(0, 3)).toEqual(['stored', 'INTERNAL', 'INTERNAL']);
    expect(ends.slice(3)).toEqual(['CANCELLED', 'CANCELLED']);
    expect(await stored()).toEqual(['first', 'a']);
    expect(await reasonOf((await postAll([post('f')]))[0]!)).toBe('CANCELLED');
    expect(await stored()).toEqual(['first', 'a']);
  });

  it('lets a post under a key go alone, so that a reused key stops what comes after', async () => {
    const receipts = await postAll([
      keyed('a', 1n),
      keyed('a', 1n),
      post('b'),
      keyed('other', 1n),
      post('c'),
      post('d'),
    ]);
    const [first, again] = await Promise.all([receipts[0]!, receipts[1]!]);
    expect(again).toEqual({ ...first, duplicate: true });
    const ends = await Promise.all(receipts.map(reasonOf));
    expect(ends).toEqual(['stored', 'stored', 'stored', 'PRODUCER_KEY_REUSED', 'CANCELLED', 'CANCELLED']);
    expect(await stored()).toEqual(['a', 'b']);
  });

  it('goes to another queue when all that is under way is answered', async () => {
    await engine.queues.create(ctx, 'r');
    await postAll([post(1)]).then((receipts) => Promise.all(receipts));
    const under = publisher.tryPost('q', post(2));
    expect(publisher.tryPost('r', post(3))).toBeNull();
    await under;
    await publisher.tryPost('r', post(3));
    expect([await stored('q'), await stored('r')]).toEqual([[1, 2], [3]]);
  });

  it('stores nothing after a post to a queue that does not exist', async () => {
    const receipts = await postAll([post(1)]);
    receipts.push(...(await postAll([post(2)], 'none')), ...(await postAll([post(3)])));
    expect(await Promise.all(receipts.map(reasonOf))).toEqual(['stored', 'QUEUE_NOT_FOUND', 'CANCELLED']);
    expect(await stored()).toEqual([1]);
  });

  it('stores nothing after the first post when that fails in its commit', async () => {
    before = async () => {
      await settle();
      before = () => undefined;
      throw new Error('disk gone');
    };
    const receipts = await postAll([post(1), post(2)]);
    expect(await Promise.all(receipts.map(reasonOf))).toEqual(['INTERNAL', 'CANCELLED']);
    expect(await stored()).toEqual([]);
  });

  it('refuses what comes to a queue that does not exist, or was deleted and made anew', async () => {
    await postAll([post(1)]).then((receipts) => Promise.all(receipts));
    await engine.queues.delete(ctx, 'q');
    await engine.queues.create(ctx, 'q');
    expect(await reasonOf((await postAll([post(2)]))[0]!)).toBe('QUEUE_NOT_FOUND');
    expect(await stored()).toEqual([]);
    const other = engine.delivery.publish(ctx, () => undefined);
    expect(await reasonOf(other.tryPost('none', post(1))!)).toBe('QUEUE_NOT_FOUND');
    other.end();
  });

  it('waits for room that others hold, and is refused after some seconds', async () => {
    await begin({ settings: { ...testSettings, maxWaitingSteps: 1 } });
    await postAll([post(1)]).then((receipts) => Promise.all(receipts));
    let free = (): void => undefined;
    before = () => new Promise((resolve) => (free = resolve));
    const under = engine.messages.post(ctx, 'q', post('under way'));
    await settle();
    const waiting = engine.messages.post(ctx, 'q', post('waits'));
    expect(publisher.tryPost('q', post(2))).toBeNull();
    const vain = (async () => {
      while (publisher.tryPost('q', post(2)) === null) await publisher.whenReady();
    })();
    const refused = expect(vain).rejects.toMatchObject({ reason: 'OVERLOADED' });
    await time.advance(10_000);
    await refused;
    before = () => undefined;
    free();
    await Promise.all([under, waiting]);
    await publisher.tryPost('q', post(2));
    expect(await stored()).toEqual([1, 'under way', 'waits', 2]);
  });

  it('is told of a drain, and takes nothing then', async () => {
    let told = 0;
    const other = engine.delivery.publish(ctx, () => told++);
    const under = publisher.tryPost('q', post(1));
    await settle();
    const drained = engine.drain();
    expect(told).toBe(1);
    expect(await reasonOf(other.tryPost('q', post(2))!)).toBe('DRAINING');
    other.end();
    await Promise.all([drained, under]);
    expect(() => engine.delivery.publish(ctx, () => undefined)).toThrow(
      expect.objectContaining({ reason: 'DRAINING' }),
    );
    expect(await stored()).toEqual([1]);
  });
});
