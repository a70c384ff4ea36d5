import { expect } from 'expect';
import { area } from '../area.js';

/** Statistics: exact at once (semantics section 8). */
export const statistics = area('statistics', {
  'are zeros without ends for an empty queue': async (kit) => {
    const queue = await kit.queue();
    expect(await queue.stats()).toEqual({
      kind: 'stats',
      total: 0,
      claimed: 0,
      oldest: null,
      newest: null,
      estimated: false,
    });
  },

  'name the first and last message, claimed ones included, and when they were posted': async (kit) => {
    const queue = await kit.queue();
    const first = await queue.postOne();
    const started = kit.now;
    await kit.advance(3);
    const last = await queue.postOne();
    await queue.claim();
    expect(await queue.stats()).toMatchObject({
      oldest: { id: first, postedAt: started },
      newest: { id: last, postedAt: started + 3_000 },
    });
  },

  'move their ends when the messages there go': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(200);
    await queue.deleteAll([...ids.slice(0, 70), ...ids.slice(110)]);
    expect(await queue.stats()).toMatchObject({ oldest: { id: ids[70] }, newest: { id: ids[109] }, total: 40 });
    await queue.deleteAll([ids[109]!]);
    expect(await queue.stats()).toMatchObject({ newest: { id: ids[108] } });
  },

  'follow every step at once: [claimed, free, total]': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(10);
    expect(await queue.counts()).toEqual([0, 10, 10]);
    const claim = await queue.claim({ limit: 4 });
    expect(await queue.counts()).toEqual([4, 6, 10]);
    await queue.delete(ids[0]!, claim.id);
    expect(await queue.counts()).toEqual([3, 6, 9]);
    await queue.acknowledge(claim.id, [ids[1]!]);
    expect(await queue.counts()).toEqual([2, 6, 8]);
    await queue.deleteAll([ids[2]!, ids[9]!]);
    expect(await queue.counts()).toEqual([1, 5, 6]);
    await queue.pop(2);
    expect(await queue.counts()).toEqual([1, 3, 4]);
    await queue.renew(claim.id, 100);
    expect(await queue.counts()).toEqual([1, 3, 4]);
    await queue.release(claim.id);
    expect(await queue.counts()).toEqual([0, 4, 4]);
  },

  'stay exact when claims end, are renewed and taken anew, and when messages expire': async (kit) => {
    const queue = await kit.queue();
    await queue.post(Array.from({ length: 12 }, (_, index) => ({ ttl: 100 + index })));
    const first = await queue.claim({ limit: 4, ttl: 60, grace: 0 });
    const second = await queue.claim({ limit: 4, ttl: 90, grace: 0 });
    await kit.advance(59);
    await queue.renew(first.id, 90, 0);
    expect(await queue.counts()).toEqual([8, 4, 12]);
    await kit.advance(31);
    expect(await queue.getClaim(second.id)).toEqual({ kind: 'unknown' });
    expect(await queue.counts()).toEqual([4, 8, 12]);
    await kit.advance(19);
    expect(await queue.counts()).toEqual([4, 2, 6]);
    await kit.advance(40);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  },

  'agree with the full listing at every moment of a long life': async (kit) => {
    const queue = await kit.queue();
    await queue.post(Array.from({ length: 40 }, (_, index) => ({ ttl: 60 + index * 3 })));
    for (let round = 0; round < 30; round++) {
      if (round % 3 === 0) await queue.tryClaim({ limit: 3, ttl: 60 + round, grace: 0 });
      if (round % 5 === 0) await queue.post([{ ttl: 70 }]);
      await kit.advance(7);
      const all = await queue.list({ includeClaimed: true });
      const free = await queue.list();
      expect(await queue.counts()).toEqual([all.length - free.length, free.length, all.length]);
      const { oldest, newest } = await queue.stats();
      expect([oldest?.id, newest?.id]).toEqual([all[0]?.id, all.at(-1)?.id]);
    }
  },
});
