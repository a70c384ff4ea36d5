import { expect } from 'expect';
import { area } from '../area.js';
import { freshClaim } from '../fresh.js';

/** Claims: when they end, and that an ended one means nothing (semantics C5, C6, C11). */
export const claimEnd = area('claim end', {
  'comes at the first tick after creation + ttl, not before (C5)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([{ ttl: 300 }, { ttl: 300 }]);
    await kit.advance(0.001);
    const claim = await queue.claim({ ttl: 60, grace: 0 });
    expect(claim.ends).toBe(Math.ceil(kit.now / 1000) + 60);
    await kit.advance(60.998);
    expect(await queue.getClaim(claim.id)).toMatchObject({ kind: 'claim' });
    expect(await queue.ids()).toEqual([]);
    expect(await queue.counts()).toEqual([2, 0, 2]);
    await kit.advance(0.001);
    expect(await queue.getClaim(claim.id)).toEqual({ kind: 'unknown' });
    expect(await queue.ids()).toEqual(ids);
    expect(await queue.counts()).toEqual([0, 2, 2]);
    expect((await queue.claim()).messages.map(({ id }) => id)).toEqual(ids);
  },

  'allows no renewal, even when nobody took the messages (C6)': async (kit) => {
    const queue = await kit.queue();
    await queue.post([{ ttl: 300 }]);
    const { id } = await queue.claim();
    await kit.advance(60);
    expect(await queue.renew(id)).toEqual({ kind: 'unknown' });
    expect(await queue.release(id)).toBe(0);
    expect(await queue.counts()).toEqual([0, 1, 1]);
  },

  'lets the epoch and the attempt rise with each claim, never with a renewal or a release (C11)': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ ttl: 1_000 });
    for (const round of [1, 2, 3]) {
      const claim = await queue.claim();
      expect(claim.messages).toMatchObject([{ id, epoch: round, attempt: round }]);
      await queue.renew(claim.id);
      if (round === 2) await queue.release(claim.id);
      else await kit.advance(60);
    }
    expect(await queue.get(id)).toMatchObject({ epoch: 3, attempt: 3 });
  },

  'does not touch those who took the message anew': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ ttl: 1_000 });
    const stale = await queue.claim();
    await kit.advance(60);
    const live = await queue.claim({ ttl: 100 });
    expect(await queue.renew(stale.id)).toEqual({ kind: 'unknown' });
    expect(await queue.release(stale.id)).toBe(0);
    expect(await queue.delete(id, stale.id)).toBe('lost');
    expect(await queue.acknowledge(stale.id, [id])).toEqual(['claimLost']);
    expect(await queue.getClaim(stale.id)).toEqual({ kind: 'unknown' });
    expect(await queue.getClaim(live.id)).toEqual({ kind: 'claim', claim: live, omitted: [] });
  },

  'is over at once with a ttl of 0': async (kit) => {
    const queue = await kit.queue();
    await queue.post(1);
    const claim = freshClaim();
    const outcomes = await kit.applyAll([
      queue.claimOp({ claim, ttl: 0, grace: 0 }),
      { kind: 'renewIfLive', queue: queue.ref, claim, ttl: 60, grace: 0 },
      { kind: 'releaseIfLive', queue: queue.ref, claim },
    ]);
    expect(outcomes).toMatchObject([{ kind: 'claimed' }, { kind: 'unknown' }, { kind: 'released', count: 0 }]);
    expect(await queue.getClaim(claim)).toEqual({ kind: 'unknown' });
    expect(await queue.renew(claim)).toEqual({ kind: 'unknown' });
    expect(await queue.counts()).toEqual([0, 1, 1]);
  },

  'comes for each of many claims in its own time': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(Array.from({ length: 10 }, () => ({ ttl: 1_000 })));
    for (const ttl of [90, 80, 70, 100, 60]) await queue.claim({ limit: 2, ttl });
    for (const [free, taken] of [
      [2, [8, 9]],
      [4, [4, 5]],
      [6, [2, 3]],
      [8, [0, 1]],
      [10, [6, 7]],
    ] as const) {
      await kit.advance(free === 2 ? 60 : 10);
      expect(await queue.counts()).toEqual([10 - free, free, 10]);
      expect(await queue.ids()).toEqual(expect.arrayContaining(taken.map((index) => ids[index])));
    }
  },
});
