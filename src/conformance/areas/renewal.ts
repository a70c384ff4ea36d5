import { expect } from 'expect';
import { area } from '../area.js';
import { freshClaim } from '../fresh.js';

/** Renewal of a live claim (semantics C6, C8, C9). */
export const renewal = area('renewal', {
  'moves the end, restarts the age, keeps the messages and the epoch (C6, C8)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([{ ttl: 500 }, { ttl: 500 }]);
    const claim = await queue.claim({ ttl: 100 });
    await kit.advance(50);
    expect(await queue.renew(claim.id, 200)).toEqual({ kind: 'renewed', ends: kit.now / 1000 + 200 });
    const found = await queue.getClaim(claim.id);
    expect(found).toMatchObject({ claim: { ttl: 200, since: kit.now, ends: kit.now / 1000 + 200 } });
    await kit.advance(199);
    expect(await queue.getClaim(claim.id)).toMatchObject({
      claim: { messages: ids.map((id) => ({ id, epoch: 1 })) },
    });
    await kit.advance(1);
    expect(await queue.getClaim(claim.id)).toEqual({ kind: 'unknown' });
    expect(await queue.counts()).toEqual([0, 2, 2]);
  },

  'may bring the end nearer': async (kit) => {
    const queue = await kit.queue();
    await queue.post([{ ttl: 500 }]);
    const claim = await queue.claim({ ttl: 300 });
    await queue.renew(claim.id, 60);
    expect(await queue.counts()).toEqual([1, 0, 1]);
    await kit.advance(60);
    expect(await queue.counts()).toEqual([0, 1, 1]);
    expect(await queue.tryClaim()).not.toBeNull();
  },

  'may bring the end to this moment, for the next step of the same commit too': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne();
    const claim = await queue.claim();
    const outcomes = await kit.applyAll([
      { kind: 'renewIfLive', queue: queue.ref, claim: claim.id, ttl: 0, grace: 0 },
      queue.claimOp(),
    ]);
    expect(outcomes).toMatchObject([{ kind: 'renewed' }, { kind: 'claimed', claim: { messages: [{ id, epoch: 2 }] } }]);
  },

  'lengthens the lives of what is left, and of nothing else': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(3);
    const claim = await queue.claim({ limit: 2, grace: 0 });
    await queue.delete(ids[0]!, claim.id);
    await queue.renew(claim.id, 400, 50);
    expect(await queue.get(ids[1]!)).toMatchObject({ ttl: 450, expires: kit.now / 1000 + 450 });
    expect(await queue.get(ids[2]!)).toMatchObject({ ttl: 120 });
    await kit.advance(200);
    expect(await queue.counts()).toEqual([1, 0, 1]);
  },

  'knows no claim that is ill-formed, empty or of no one (C9)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(2);
    const claim = await queue.claim();
    await queue.deleteAll(ids);
    for (const id of [claim.id, freshClaim(), 'ill formed', '', '%']) {
      expect(await queue.renew(id)).toEqual({ kind: 'unknown' });
      expect(await queue.getClaim(id)).toEqual({ kind: 'unknown' });
      expect(await queue.release(id)).toBe(0);
    }
  },
});
