import { expect } from 'expect';
import { area, each } from '../area.js';
import type { Kit } from '../kit.js';

const vectors = [
  { ttl: 777, grace: 0, shown: 777 },
  { ttl: 777, grace: 23, shown: 800 },
  { ttl: 121, grace: 22, shown: 143 },
  { ttl: 100, grace: 22, shown: 122 },
  { ttl: 60, grace: 30, shown: 120 },
  { ttl: 60, grace: 60, shown: 120 },
];

/** Grace: a claim lengthens the lives that would end too soon (semantics section 5, Grace). */
export const grace = area('grace', {
  ...each(
    vectors,
    ({ ttl, grace, shown }) => `shows ttl ${shown} after a claim of ttl ${ttl}, grace ${grace}`,
    async ({ ttl, grace, shown }, kit: Kit) => {
      const queue = await kit.queue();
      const id = await queue.postOne({ ttl: 120 });
      const claim = await queue.claim({ ttl, grace });
      expect(claim.messages[0]).toMatchObject({ ttl: shown, expires: kit.now / 1000 + shown });
      expect(await queue.get(id)).toEqual(claim.messages[0]);
      expect((await queue.list({ includeClaimed: true }))[0]).toEqual(claim.messages[0]);
    },
  ),

  ...each(
    vectors,
    ({ ttl, grace, shown }) => `shows ttl ${shown} after a renewal by ttl ${ttl}, grace ${grace}`,
    async ({ ttl, grace, shown }, kit: Kit) => {
      const queue = await kit.queue();
      const id = await queue.postOne({ ttl: 120 });
      const claim = await queue.claim({ ttl: 60, grace: 0 });
      await queue.renew(claim.id, ttl, grace);
      expect(await queue.get(id)).toMatchObject({ ttl: shown, expires: kit.now / 1000 + shown });
    },
  ),

  'never shortens a life': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ ttl: 120 });
    const claim = await queue.claim({ ttl: 777, grace: 23 });
    await queue.renew(claim.id, 60, 0);
    expect(await queue.get(id)).toMatchObject({ ttl: 800 });
    await queue.release(claim.id);
    await queue.claim({ ttl: 60, grace: 60 });
    expect(await queue.get(id)).toMatchObject({ ttl: 800, expires: kit.now / 1000 + 800 });
  },

  'keeps a message alive under its worker, and for the grace after': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ ttl: 60 });
    await kit.advance(59.5);
    const claim = await queue.claim({ ttl: 60, grace: 60 });
    await kit.advance(60);
    expect(await queue.get(id)).toBeDefined();
    expect(await queue.acknowledge(claim.id, [id])).toEqual(['acknowledged']);
  },
});
