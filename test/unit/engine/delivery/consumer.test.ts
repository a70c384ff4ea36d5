import type { Consumer, ConsumeOptions, ConsumerEvents, Engine, StoredClaim } from '../../../../src/engine/api.js';
import type { MarconiError } from '../../../../src/errors/marconi-error.js';
import { openMemory } from '../../../../src/storage/drivers/memory/index.js';
import { inProject, message, testEngine, testSettings } from '../../../support/engine.js';
import { ManualTime, settle } from '../../../support/manual-time.js';
import { watchedStorage } from '../../../support/watched-steps.js';
import type { MessageOp } from '../../../../src/storage/ports/index.js';

const ctx = inProject('p');
const KIB = 1024;
const MIB = 1024 * KIB;
const OPTIONS: ConsumeOptions = {
  ttl: 60,
  grace: 60,
  limit: 20,
  maxBytes: 128 * KIB,
  largestMessage: 256 * KIB,
  maxClaims: 1_024,
  releaseOnEnd: false,
};

let time: ManualTime;
let engine: Engine;
let steps: MessageOp[];
/** Called before each batch is applied. */
let before: () => void | Promise<void>;

async function begin(changes: Partial<typeof testSettings> = {}): Promise<void> {
  time = new ManualTime();
  steps = [];
  before = () => undefined;
  const storage = watchedStorage(openMemory({ clock: time }), ({ ops }) => {
    steps.push(...ops);
    return before();
  });
  engine = testEngine(storage, { timers: time.timers, settings: { ...testSettings, ...changes } });
  await engine.queues.create(ctx, 'q');
}

beforeEach(() => begin());
afterEach(async () => {
  before = () => undefined;
  await engine.drain();
});

/** A consumer and what it told. */
interface Told {
  readonly consumer: Consumer;
  readonly claims: StoredClaim[];
  readonly errors: MarconiError[];
}

async function consume(changes: Partial<ConsumeOptions> = {}, also: Partial<ConsumerEvents> = {}): Promise<Told> {
  const claims: StoredClaim[] = [];
  const errors: MarconiError[] = [];
  const consumer: Consumer = await engine.delivery.consume(
    ctx,
    'q',
    { ...OPTIONS, ...changes },
    {
      claimed: (claim) => void claims.push(claim),
      failed: (error) => {
        errors.push(error);
        void consumer.end();
      },
      draining: () => void consumer.end(),
      ...also,
    },
  );
  return { consumer, claims, errors };
}

const post = (count: number, bytes = 1) =>
  engine.messages.post(ctx, 'q', {
    poster: null,
    messages: Array.from({ length: count }, () => ({ ...message(0), body: Buffer.alloc(bytes, '1') })),
    key: null,
  });
const sizes = (claims: readonly StoredClaim[]): number[] => claims.map(({ messages }) => messages.length);
const markers = (claims: readonly StoredClaim[]): number[] =>
  claims.flatMap(({ messages }) => messages.map(({ marker }) => marker));
const tries = (): number => steps.filter(({ kind }) => kind === 'claimNext').length;
const claimed = async (): Promise<number> => (await engine.queues.stats(ctx, 'q')).value.claimed;

describe('a consumer', () => {
  it('claims nothing without credit, and then within it', async () => {
    await post(50);
    const { consumer, claims } = await consume();
    await settle();
    expect(tries()).toBe(0);
    consumer.grant(30, 0);
    await settle();
    expect(tries()).toBe(0);
    consumer.grant(0, 10 * 1024 * KIB);
    await settle();
    expect(markers(claims)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    expect(await claimed()).toBe(30);
    consumer.grant(5, 0);
    await settle();
    expect(await claimed()).toBe(35);
  });

  it('respects credit in bytes: only the last message is beyond it, and is owed', async () => {
    await post(10, 40 * KIB);
    const { consumer, claims } = await consume();
    consumer.grant(100, 100 * KIB);
    await settle();
    // Two fit; the third is begun with 20 KiB left.
    expect(markers(claims)).toEqual([1, 2, 3]);
    expect(sizes(claims)).toEqual([2, 1]);
    consumer.grant(0, 20 * KIB);
    await settle();
    expect(markers(claims)).toHaveLength(3);
    consumer.grant(0, 1);
    await settle();
    expect(markers(claims)).toHaveLength(4);
  });

  it('bounds one claim in messages and bytes', async () => {
    await post(5);
    await post(5, 100 * KIB);
    const { consumer, claims } = await consume({ limit: 3 });
    consumer.grant(1_000, 100 * 1024 * KIB);
    await settle();
    expect(markers(claims)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { messages } of claims) {
      const bytes = messages.reduce((sum, { body }) => sum + body.byteLength, 0);
      expect(messages.length === 1 || bytes <= 128 * KIB).toBe(true);
      expect(messages.length).toBeLessThanOrEqual(3);
    }
  });

  it('tells of its claims oldest first, however many are under way', async () => {
    await post(2_000);
    const { consumer, claims } = await consume();
    consumer.grant(2_000, 100 * 1024 * KIB);
    for (let turn = 0; turn < 10; turn++) await settle();
    expect(markers(claims)).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 1));
  });

  it.each([
    [1, 8],
    [2 * KIB, 6],
    [3 * KIB, 4],
    [5 * KIB, 1],
  ])('makes the more claims at once the smaller its messages are: with %d bytes each, %d', async (bytes, most) => {
    await post(400, bytes);
    let seen = 0;
    const atOnce: number[] = [];
    before = () => {
      atOnce.push(steps.slice(seen).filter(({ kind }) => kind === 'claimNext').length);
      seen = steps.length;
    };
    const { consumer, claims } = await consume();
    consumer.grant(400, 400 * MIB);
    await settle();
    expect(markers(claims)).toHaveLength(400);
    expect(Math.max(...atOnce)).toBe(most);
  });

  it('takes what is posted later, and tries no more often than there is news', async () => {
    const { consumer, claims } = await consume();
    consumer.grant(100, 1024 * KIB);
    await settle();
    expect(tries()).toBe(1);
    await post(1);
    await settle();
    expect(sizes(claims)).toEqual([1]);
    const before = tries();
    await time.advance(30_000);
    expect(tries()).toBe(before);
  });

  it('wakes one of many idle consumers for one message', async () => {
    const all: Told[] = [];
    for (let n = 0; n < 500; n++) {
      const told = await consume();
      told.consumer.grant(10, KIB);
      all.push(told);
    }
    for (let turn = 0; turn < 5; turn++) await settle();
    steps.length = 0;
    await post(1);
    await settle();
    // The one that is served looks again, for it has credit left.
    expect(tries()).toBeLessThanOrEqual(2);
    expect(all.flatMap(({ claims }) => claims)).toHaveLength(1);
  });

  it('claims nothing while it is held, and goes on after', async () => {
    const { consumer, claims } = await consume();
    consumer.grant(100, 1024 * KIB);
    await settle();
    consumer.hold();
    await post(3);
    await settle();
    expect(await claimed()).toBe(0);
    consumer.resume();
    await settle();
    expect(markers(claims)).toEqual([1, 2, 3]);
  });

  it('leaves what it cannot take to others that wait', async () => {
    const [one, other] = [await consume(), await consume()];
    one.consumer.grant(2, 1024 * KIB);
    await settle();
    other.consumer.grant(100, 1024 * KIB);
    await settle();
    await post(5);
    await settle();
    expect(markers(one.claims)).toEqual([1, 2]);
    expect(markers(other.claims)).toEqual([3, 4, 5]);
    await one.consumer.end();
  });

  it('holds so many claims and no more, until one is done, released or ended', async () => {
    await post(5);
    const { consumer, claims } = await consume({ limit: 1, maxClaims: 2 });
    consumer.grant(100, 1024 * KIB);
    await settle();
    expect(markers(claims)).toEqual([1, 2]);
    await consumer.acknowledge(claims[0]!.id, [claims[0]!.messages[0]!.id]);
    await settle();
    expect(markers(claims)).toEqual([1, 2, 3]);
    await consumer.release(claims[1]!.id);
    await settle();
    expect(markers(claims)).toEqual([1, 2, 3, 2]);
    await time.advance(61_000);
    expect(claims.length).toBe(6);
  });

  it('releases at its end what lives, where that was asked for, and else nothing', async () => {
    await post(2);
    const [kind, plain] = [await consume({ limit: 1, releaseOnEnd: true }), await consume({ limit: 1 })];
    kind.consumer.grant(1, KIB);
    plain.consumer.grant(1, KIB);
    await settle();
    expect(await claimed()).toBe(2);
    await Promise.all([kind.consumer.end(), plain.consumer.end()]);
    expect(await claimed()).toBe(1);
    await expect(kind.consumer.renew(kind.claims[0]!.id, 60, 0)).rejects.toMatchObject({ reason: 'CLAIM_NOT_FOUND' });
    await plain.consumer.renew(plain.claims[0]!.id, 60, 0);
  });

  it('releases what was claimed for a stream that has ended meanwhile, whatever was asked', async () => {
    const { consumer, claims } = await consume();
    await post(3);
    let go = (): void => undefined;
    before = () => new Promise((resolve) => (go = resolve));
    consumer.grant(10, KIB);
    await settle();
    const ended = consumer.end();
    before = () => undefined;
    go();
    await ended;
    expect(claims).toEqual([]);
    expect(await claimed()).toBe(0);
    expect((await engine.claims.create(ctx, 'q', { ...OPTIONS, waitMs: 0 })).value?.messages).toHaveLength(3);
  });

  it('does not release what it renewed past the first end too early, nor forget it', async () => {
    await post(1);
    const { consumer, claims } = await consume({ releaseOnEnd: true });
    consumer.grant(1, KIB);
    await settle();
    const { id } = claims[0]!;
    await time.advance(50_000);
    const { ends } = await consumer.renew(id, 300, 0);
    expect(ends - time.now()).toBeGreaterThan(299_000);
    await time.advance(100_000);
    expect(await claimed()).toBe(1);
    await consumer.end();
    expect(await claimed()).toBe(0);
  });

  it('fails when its queue is deleted, also when another of that name is made', async () => {
    const { consumer, errors } = await consume();
    consumer.grant(10, KIB);
    await settle();
    await engine.queues.delete(ctx, 'q');
    await engine.queues.create(ctx, 'q');
    await settle();
    expect(errors).toMatchObject([{ reason: 'QUEUE_NOT_FOUND' }]);
    await expect(engine.delivery.consume(ctx, 'none', OPTIONS, {} as ConsumerEvents)).rejects.toMatchObject({
      reason: 'QUEUE_NOT_FOUND',
    });
  });

  it('fails when the store does, and waits while the node has no room', async () => {
    await begin({ maxWaitingSteps: 1 });
    await post(1);
    const { consumer, claims, errors } = await consume();
    let go = (): void => undefined;
    before = () => new Promise((resolve) => (go = resolve));
    const under = engine.claims.release(ctx, 'q', 'none');
    await settle();
    const crowd = Array.from({ length: 4 }, () => engine.claims.release(ctx, 'q', 'none'));
    consumer.grant(10, KIB);
    await settle();
    expect([claims.length, errors.length]).toEqual([0, 0]);
    before = () => undefined;
    go();
    await Promise.all([under, ...crowd]);
    await settle();
    expect(claims).toHaveLength(0);
    await time.advance(1_000);
    expect(claims).toHaveLength(1);

    before = () => {
      throw new Error('disk gone');
    };
    consumer.hold();
    await settle();
    consumer.resume();
    await settle();
    expect(errors).toMatchObject([{ reason: 'INTERNAL' }]);
  });

  it('is told of a drain, and what it was asked before is done', async () => {
    let told = 0;
    await post(1);
    const { consumer, claims } = await consume({}, { draining: () => told++ });
    consumer.grant(10, KIB);
    await settle();
    const drained = engine.drain();
    expect(told).toBe(1);
    expect(await consumer.acknowledge(claims[0]!.id, [claims[0]!.messages[0]!.id])).toEqual(['acknowledged']);
    await consumer.end();
    await drained;
    await expect(consume()).rejects.toMatchObject({ reason: 'DRAINING' });
  });
});
