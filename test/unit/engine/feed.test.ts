import type { Engine, Feed, StoredClaim } from '../../../src/engine/api.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import { inProject, message, testEngine } from '../../support/engine.js';
import { ManualTime, settle } from '../../support/manual-time.js';
import { watchedStorage } from '../../support/watched-steps.js';

const ctx = inProject('p');
const options = { ttl: 60, grace: 60, maxBytes: 1_000 };
const REQUEST = { ttl: 60, grace: 60, limit: 10, waitMs: 0 };

describe('a feed', () => {
  let time: ManualTime;
  let engine: Engine;
  let feed: Feed;
  let claims: { queue: string; claim: StoredClaim }[];
  let troubles: MarconiError[];
  let drains: number;
  /** Claims that shared one commit at the most. */
  let atOnce: number;

  const post = (queue: string, count: number, size = 1) =>
    engine.messages.post(ctx, queue, {
      poster: null,
      messages: Array.from({ length: count }, () => message('x'.repeat(size))),
      key: null,
    });
  const begin = (...queues: string[]): Feed =>
    engine.delivery.feed(ctx, queues, options, {
      claimed: (queue, claim) => claims.push({ queue, claim }),
      troubled: (_, error) => troubles.push(error),
      draining: () => {
        drains++;
        void feed.end();
      },
    });
  const sizes = (): number[] => claims.map(({ claim }) => claim.messages.length);
  const total = (): number => sizes().reduce((sum, size) => sum + size, 0);
  const acknowledge = async (count: number): Promise<void> => {
    for (const { queue, claim } of claims.splice(0, count)) {
      const ids = claim.messages.map(({ id }) => id);
      await engine.claims.acknowledge(ctx, queue, claim.id, ids);
    }
    await settle();
  };

  beforeEach(async () => {
    time = new ManualTime();
    atOnce = 0;
    const storage = watchedStorage(openMemory({ clock: time }), ({ ops }) => {
      atOnce = Math.max(atOnce, ops.filter(({ kind }) => kind === 'claimNext').length);
    });
    engine = testEngine(storage, { timers: time.timers });
    claims = [];
    troubles = [];
    drains = 0;
    for (const queue of ['a', 'b', 'c']) await engine.queues.create(ctx, queue);
  });

  afterEach(async () => {
    await feed.end();
    await engine.drain();
  });

  test('claims nothing until it is allowed to, and never more than that', async () => {
    feed = begin('a');
    await post('a', 20);
    await settle();
    expect(claims).toEqual([]);
    feed.allow(5, 2);
    await settle();
    expect(sizes().sort()).toEqual([1, 2, 2]);
    await acknowledge(1);
    expect(total()).toBe(5);
    await acknowledge(3);
    expect(total()).toBe(5);
  });

  test('waits for messages, and is woken by a post', async () => {
    feed = begin('a', 'b');
    feed.allow(10, 10);
    await settle();
    expect(engine.load().waiters).toBe(2);
    await post('b', 3);
    await settle();
    expect(claims.map(({ queue }) => queue)).toEqual(['b']);
    expect(total()).toBe(3);
  });

  test.each([
    [8, ['a']],
    [4, ['a', 'b']],
  ])('makes %d claims at once from one of %j', async (most, queues) => {
    feed = begin(...queues);
    await post('a', 100);
    feed.allow(100, 2);
    await settle();
    expect([total(), atOnce]).toEqual([100, most]);
  });

  test('waits at many queues by a signal each, since the platform warns of one with many listeners', async () => {
    const listen = jest.spyOn(AbortSignal.prototype, 'addEventListener');
    const queues = Array.from({ length: 20 }, (_, n) => `many-${n}`);
    for (const queue of queues) await engine.queues.create(ctx, queue);
    feed = begin(...queues);
    feed.allow(1, 1);
    await settle();
    expect(new Set(listen.mock.contexts).size).toBe(queues.length);
    listen.mockRestore();
  });

  test('a queue without end does not keep others from their turn', async () => {
    feed = begin('a', 'b', 'c');
    await post('a', 200);
    await settle();
    feed.allow(1, 1);
    await settle();
    await post('b', 2);
    await post('c', 2);
    await settle();
    const served: string[] = [];
    for (let turn = 0; turn < 30; turn++) {
      served.push(...claims.map(({ queue }) => queue));
      await acknowledge(1);
    }
    // Of the busy queue one waits and three help: a turn of another comes after four of its own at the most.
    expect(served.slice(0, 12).filter((queue) => queue !== 'a').length).toBeGreaterThanOrEqual(4);
  });

  test.each(['acknowledge', 'release', 'delete'])(
    'room comes back by %s, whichever door it came through',
    async (how) => {
      feed = begin('a');
      feed.allow(2, 2);
      await post('a', 2);
      await settle();
      await post('a', 2);
      await settle();
      expect(total()).toBe(2);
      const { claim } = claims.shift()!;
      const ids = claim.messages.map(({ id }) => id);
      if (how === 'acknowledge') await engine.claims.acknowledge(ctx, 'a', claim.id, ids);
      if (how === 'release') await engine.claims.release(ctx, 'a', claim.id);
      if (how === 'delete') for (const id of ids) await engine.messages.delete(ctx, 'a', id, claim.id);
      await settle();
      expect(total()).toBe(2);
    },
  );

  test('what another project says of a claim, or of one of another queue, makes no room', async () => {
    feed = begin('a');
    feed.allow(1, 1);
    await post('a', 2);
    await settle();
    const { claim } = claims[0]!;
    const other = inProject('other');
    await engine.queues.create(other, 'a');
    await engine.claims.acknowledge(other, 'a', claim.id, [claim.messages[0]!.id]);
    await engine.claims.release(other, 'a', claim.id);
    await engine.claims.release(ctx, 'b', claim.id);
    await settle();
    expect(total()).toBe(1);
  });

  test('a claim that ends makes room, later when it was renewed', async () => {
    feed = begin('a');
    feed.allow(1, 1);
    await post('a', 1);
    await settle();
    await engine.claims.renew(ctx, 'a', claims[0]!.claim.id, 120, 60);
    await post('a', 1);
    await time.advance(119_000);
    expect(claims).toHaveLength(1);
    await time.advance(2_000);
    expect(claims).toHaveLength(2);
  });

  test('without room it hands the news on, to others that wait', async () => {
    feed = begin('a');
    feed.allow(1, 1);
    await settle();
    await post('a', 1);
    await settle();
    const waiting = engine.claims.create(ctx, 'a', { ...REQUEST, waitMs: 30_000 });
    await settle();
    await post('a', 1);
    expect((await waiting).value?.messages).toHaveLength(1);
  });

  test('held, it claims nothing; resumed, it goes on', async () => {
    feed = begin('a');
    feed.allow(10, 1);
    feed.hold();
    await post('a', 2);
    await settle();
    expect(claims).toEqual([]);
    feed.resume();
    await settle();
    expect(total()).toBe(2);
  });

  test('a claim that found no reader is given back at once', async () => {
    feed = begin('a');
    feed.allow(1, 1);
    await post('a', 1);
    await settle();
    feed.hold();
    await feed.release('a', claims[0]!.claim.id);
    expect((await engine.claims.create(ctx, 'a', REQUEST)).value?.messages).toHaveLength(1);
  });

  test('claims are bounded in bytes, with one message beyond', async () => {
    feed = begin('a');
    await post('a', 6, 400);
    feed.allow(10, 10);
    await settle();
    expect(sizes().every((size) => size <= 3)).toBe(true);
    expect(total()).toBe(6);
  });

  test('a queue may come later, go and come again', async () => {
    feed = begin('late');
    feed.allow(10, 1);
    await settle();
    await engine.queues.create(ctx, 'late');
    await post('late', 1);
    await time.advance(4_000);
    expect(total()).toBe(1);
    feed.allow(1, 1);
    await engine.queues.delete(ctx, 'late');
    await engine.queues.create(ctx, 'late');
    await post('late', 1);
    await time.advance(4_000);
    expect(total()).toBe(2);
    expect(troubles).toEqual([]);
  });

  test('is told of a drain, which waits for its end; what it has told of is left to its ttl', async () => {
    feed = begin('a');
    feed.allow(1, 1);
    await post('a', 1);
    await settle();
    await engine.drain();
    expect(drains).toBe(1);
    expect((await engine.claims.get(ctx, 'a', claims[0]!.claim.id)).value.messages).toHaveLength(1);
  });

  test('what was being claimed when it ended is claimable again', async () => {
    feed = begin('a');
    await post('a', 4);
    feed.allow(4, 1);
    await feed.end();
    expect(claims).toEqual([]);
    expect((await engine.claims.create(ctx, 'a', REQUEST)).value?.messages).toHaveLength(4);
  });

  test('goes on after trouble with the store', async () => {
    const storage = openMemory({ clock: time });
    const { apply } = storage.messages;
    let broken = true;
    storage.messages.apply = (batch) =>
      broken && batch.ops.some((op) => op.kind === 'claimNext')
        ? Promise.reject(new MarconiError('STORAGE_UNAVAILABLE', 'away'))
        : apply.call(storage.messages, batch);
    engine = testEngine(storage, { timers: time.timers });
    await engine.queues.create(ctx, 'a');
    feed = begin('a');
    await post('a', 1);
    feed.allow(1, 1);
    await settle();
    expect(troubles.map(({ reason }) => reason)).toEqual(['STORAGE_UNAVAILABLE']);
    broken = false;
    await time.advance(4_000);
    expect(total()).toBe(1);
  });
});
