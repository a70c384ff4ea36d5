import { expect } from 'expect';
import { area } from '../area.js';
import { freshClaim } from '../fresh.js';

/** Message expiry (semantics section 4, P5). */
export const expiry = area('expiry', {
  'takes a message out of every operation at once, not before': async (kit) => {
    const queue = await kit.queue();
    const [id, rest] = await queue.post([{ ttl: 60 }, { ttl: 100 }]);
    await kit.advance(59.999);
    expect(await queue.ids()).toEqual([id, rest]);
    expect(await queue.get(id!)).toBeDefined();
    await kit.advance(0.001);
    expect(await queue.ids({ includeClaimed: true })).toEqual([rest]);
    expect(await queue.ids({ position: { kind: 'afterMessage', id: id! } })).toEqual([]);
    expect(await queue.getMany([id!, rest!])).toMatchObject({ messages: [{ id: rest }], omitted: [] });
    expect(await queue.counts()).toEqual([0, 1, 1]);
    expect(await queue.stats()).toMatchObject({ oldest: { id: rest } });
    expect(await queue.delete(id!)).toBe('absent');
    expect(await queue.delete(id!, freshClaim())).toBe('absent');
    expect(await queue.deleteAll([id!])).toBe(0);
    expect(await queue.acknowledge(freshClaim(), [id!])).toEqual(['alreadyGone']);
    expect((await queue.claim({ grace: 0 })).messages.map((message) => message.id)).toEqual([rest]);
    await kit.advance(60);
    expect(await queue.pop(10)).toEqual([]);
  },

  'rounds up to a tick, so that no life is cut short': async (kit) => {
    const queue = await kit.queue();
    await kit.advance(0.25);
    const id = await queue.postOne({ ttl: 60 });
    expect((await queue.get(id))!.expires).toBe(Math.ceil(kit.now / 1000) + 60);
    await kit.advance(60.749);
    expect(await queue.get(id)).toBeDefined();
    await kit.advance(0.001);
    expect(await queue.get(id)).toBeUndefined();
  },

  'takes a message of ttl 0 at once': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ ttl: 0 });
    expect(await queue.get(id)).toBeUndefined();
    expect(await queue.counts()).toEqual([0, 0, 0]);
    expect(await queue.tryClaim()).toBeNull();
  },

  'lets a claim end with the last of its messages': async (kit) => {
    const queue = await kit.queue();
    await queue.post([{ ttl: 60 }]);
    const claim = await queue.claim({ ttl: 60, grace: 0 });
    await kit.advance(60);
    expect(await queue.getClaim(claim.id)).toEqual({ kind: 'unknown' });
    expect(await queue.counts()).toEqual([0, 0, 0]);
    expect(await kit.apply(queue.claimOp())).toEqual({ kind: 'none', nextAt: null });
  },

  'leaves the rest in order when a stretch in the middle expires': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(Array.from({ length: 300 }, (_, n) => ({ ttl: n >= 50 && n < 250 ? 60 : 500 })));
    await kit.advance(60);
    const left = [...ids.slice(0, 50), ...ids.slice(250)];
    expect(await queue.ids({ limit: 1_000 })).toEqual(left);
    expect(await queue.counts()).toEqual([0, 100, 100]);
    expect((await queue.claim({ limit: 100 })).messages.map(({ id }) => id)).toEqual(left);
  },
});

/** Sweeping frees what is over, and is never seen. */
export const sweeping = area('sweeping', {
  'frees what is over, a budget at a time, until nothing more is due': async (kit) => {
    const queue = await kit.queue();
    await queue.post(Array.from({ length: 500 }, () => ({ ttl: 60 })));
    const kept = await queue.postOne({ ttl: 500 });
    kit.now += 60_000;
    let freed = 0;
    let rounds = 0;
    for (let more = true; more && rounds < 1_000; rounds++) {
      const report = await kit.storage.messages.sweep(kit.now, 100);
      freed += report.freed;
      more = report.more;
      expect(await queue.ids()).toEqual([kept]);
      expect(await queue.counts()).toEqual([0, 1, 1]);
    }
    expect(freed).toBeGreaterThanOrEqual(500);
    expect(rounds).toBeGreaterThan(1);
    expect(rounds).toBeLessThan(1_000);
    expect(await kit.storage.messages.sweep(kit.now, 100)).toMatchObject({ more: false });
  },

  'frees the rows of a fenced queue': async (kit) => {
    const queue = await kit.queue();
    await queue.post(300);
    await kit.apply({ kind: 'fence', queue: queue.ref });
    let rounds = 0;
    while ((await kit.storage.messages.sweep(kit.now, 100)).more && rounds < 1_000) rounds++;
    expect(rounds).toBeLessThan(1_000);
    expect(await kit.apply(queue.postOp(1))).toEqual({ kind: 'gone' });
  },

  'touches nothing that is alive, whatever its claims do': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(Array.from({ length: 6 }, () => ({ ttl: 400 })));
    const live = await queue.claim({ limit: 2, ttl: 300 });
    await queue.claim({ limit: 2, ttl: 60 });
    kit.now += 100_000;
    const before = await queue.list({ includeClaimed: true });
    await kit.storage.messages.sweep(kit.now, 1_000);
    expect(await queue.list({ includeClaimed: true })).toEqual(before);
    expect(await queue.ids()).toEqual(ids.slice(2));
    expect(await queue.getClaim(live.id)).toEqual({ kind: 'claim', claim: live, omitted: [] });
    expect(await queue.counts()).toEqual([2, 4, 6]);
  },

  'keeps a message whose life a claim lengthened past its first end': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ ttl: 60 });
    await queue.claim({ ttl: 300, grace: 60 });
    kit.now += 200_000;
    await kit.storage.messages.sweep(kit.now, 1_000);
    expect(await queue.get(id)).toBeDefined();
    expect(await queue.counts()).toEqual([1, 0, 1]);
    kit.now += 160_000;
    expect(await queue.get(id)).toBeUndefined();
    expect(await queue.counts()).toEqual([0, 0, 0]);
    await kit.storage.messages.sweep(kit.now, 1_000);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  },
});
