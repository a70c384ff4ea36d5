import { expect } from 'expect';
import { area } from '../area.js';

/** Release of a live claim (semantics C7). */
export const release = area('release', {
  'frees the messages at once, in their old places (C7)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(5);
    const first = await queue.claim({ limit: 2 });
    const second = await queue.claim({ limit: 2 });
    expect(await queue.release(first.id)).toBe(2);
    expect(await queue.ids()).toEqual([ids[0], ids[1], ids[4]]);
    expect(await queue.getClaim(first.id)).toEqual({ kind: 'unknown' });
    expect(await queue.release(first.id)).toBe(0);
    expect(await queue.getClaim(second.id)).toEqual({ kind: 'claim', claim: second, omitted: [] });
    expect((await queue.claim()).messages.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[4]]);
  },

  'counts only what the claim still held': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(4);
    const claim = await queue.claim();
    await queue.deleteAll([ids[0]!]);
    await queue.acknowledge(claim.id, [ids[1]!]);
    expect(await queue.release(claim.id)).toBe(2);
    expect(await queue.ids()).toEqual(ids.slice(2));
  },

  'keeps the longer life': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne();
    const claim = await queue.claim({ ttl: 777, grace: 23 });
    await queue.release(claim.id);
    await kit.advance(799);
    expect(await queue.get(id)).toMatchObject({ ttl: 800 });
    await kit.advance(1);
    expect(await queue.get(id)).toBeUndefined();
  },
});
