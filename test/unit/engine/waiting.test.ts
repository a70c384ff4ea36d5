import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import type { Engine } from '../../../src/engine/api.js';
import { inProject, message, testEngine } from '../../support/engine.js';
import { ManualTime, settle } from '../../support/manual-time.js';

const ctx = inProject('p');
const request = { ttl: 60, grace: 60, limit: 10, waitMs: 30_000 };
const post = (engine: Engine, count = 1) =>
  engine.messages.post(ctx, 'q', {
    poster: null,
    messages: Array.from({ length: count }, (_, i) => message(i)),
    key: null,
  });

describe('waiting for a claim', () => {
  let time: ManualTime;
  let engine: Engine;
  let tries: number;

  beforeEach(async () => {
    time = new ManualTime();
    tries = 0;
    const storage = openMemory({ clock: time });
    const { messages } = storage;
    const apply: typeof messages.apply = (batch) => {
      tries += batch.ops.filter((op) => op.kind === 'claimNext').length;
      return messages.apply(batch);
    };
    const counted = new Proxy(messages, {
      get: (target, key) => (key === 'apply' ? apply : (Reflect.get(target, key) as () => unknown).bind(target)),
    });
    engine = testEngine({ ...storage, messages: counted }, { timers: time.timers });
    await engine.queues.create(ctx, 'q');
  });

  afterEach(() => engine.drain());

  it('answers as soon as a message is posted', async () => {
    const waiting = engine.claims.create(ctx, 'q', request);
    await settle();
    expect(engine.load().waiters).toBe(1);
    await post(engine);
    expect((await waiting).value?.messages).toHaveLength(1);
    expect(engine.load().waiters).toBe(0);
  });

  it('gets what another took and never settled, when that claim ends, also when it was put off', async () => {
    const claimed: string[] = [];
    const consume = async (who: string, credit: number) => {
      const options = { ttl: 60, grace: 60, limit: 1, maxBytes: 1_000, largestMessage: 1_000, maxClaims: 10 };
      const consumer = await engine.delivery.consume(
        ctx,
        'q',
        { ...options, releaseOnEnd: false },
        {
          claimed: (claim) => claimed.push(`${who} ${claim.id}`),
          failed: (error) => claimed.push(error.reason),
          draining: () => void consumer.end(),
        },
      );
      consumer.grant(credit, 1_000);
      await settle();
    };
    await consume('first', 1);
    await consume('second', 2);
    await post(engine);
    await settle();
    const [who, claim] = claimed[0]!.split(' ') as [string, string];
    expect(who).toBe('first');
    await engine.claims.renew(ctx, 'q', claim, 90, 60);
    await time.advance(89_000);
    expect(claimed).toHaveLength(1);
    await time.advance(2_000);
    expect(claimed.map((line) => line.split(' ')[0])).toEqual(['first', 'second']);
  });

  it('answers empty when the wait is over', async () => {
    const waiting = engine.claims.create(ctx, 'q', request);
    await settle();
    await time.advance(29_999);
    expect(engine.load().waiters).toBe(1);
    await time.advance(1);
    expect((await waiting).value).toBeNull();
  });

  it('answers at once without a wait, and for a queue that does not exist', async () => {
    expect((await engine.claims.create(ctx, 'q', { ...request, waitMs: 0 })).value).toBeNull();
    expect((await engine.claims.create(ctx, 'none', request)).value).toBeNull();
  });

  it('serves waiters in the order in which they came', async () => {
    const served: number[] = [];
    const waiting = [0, 1, 2].map(async (n) => {
      const claim = await engine.claims.create(ctx, 'q', { ...request, limit: 1 });
      if (claim.value) served.push(n);
    });
    await settle();
    await post(engine);
    await settle();
    await post(engine, 2);
    await Promise.all(waiting);
    expect(served).toEqual([0, 1, 2]);
  });

  it('wakes one of many idle waiters for one message', async () => {
    const waiting = Array.from({ length: 1000 }, () => engine.claims.create(ctx, 'q', request));
    for (let i = 0; i < 10; i++) await settle();
    const before = tries;
    await post(engine);
    await settle();
    expect(tries - before).toBe(1);
    expect(engine.load().waiters).toBe(999);
    await time.advance(30_000);
    await Promise.all(waiting);
  });

  it('lets the next in line have what a full claim left', async () => {
    const waiting = [1, 2].map(() => engine.claims.create(ctx, 'q', { ...request, limit: 2 }));
    await settle();
    await post(engine, 4);
    for (const answer of await Promise.all(waiting)) expect(answer.value?.messages).toHaveLength(2);
  });

  it('wakes when a claim is released, and when one ends', async () => {
    await post(engine);
    const held = await engine.claims.create(ctx, 'q', request);
    const afterRelease = engine.claims.create(ctx, 'q', request);
    await settle();
    await engine.claims.release(ctx, 'q', held.value?.id ?? '');
    expect((await afterRelease).value?.messages).toHaveLength(1);

    await time.advance(40_000);
    const afterEnd = engine.claims.create(ctx, 'q', request);
    await settle();
    await time.advance(21_000);
    expect((await afterEnd).value?.messages).toHaveLength(1);
  });

  it('gives up when the caller does, and hands its news on', async () => {
    const gone = new AbortController();
    const first = engine.claims.create(inProject('p', gone.signal), 'q', request);
    const second = engine.claims.create(ctx, 'q', request);
    await settle();
    gone.abort();
    expect((await first).value).toBeNull();
    await post(engine);
    expect((await second).value?.messages).toHaveLength(1);
  });

  it('does not wait for a caller that gave up before', async () => {
    const gone = new AbortController();
    gone.abort();
    expect((await engine.claims.create(inProject('p', gone.signal), 'q', request)).value).toBeNull();
  });

  it('ends every wait empty when the queue is deleted, and when the node drains', async () => {
    const onDelete = engine.claims.create(ctx, 'q', request);
    await settle();
    await engine.queues.delete(ctx, 'q');
    expect((await onDelete).value).toBeNull();

    await engine.queues.create(ctx, 'q');
    const onDrain = engine.claims.create(ctx, 'q', request);
    await settle();
    await engine.drain();
    expect((await onDrain).value).toBeNull();
    await expect(engine.claims.create(ctx, 'q', request)).rejects.toMatchObject({ reason: 'DRAINING' });
  });
});
