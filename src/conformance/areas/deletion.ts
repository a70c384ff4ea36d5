import { expect } from 'expect';
import { area, each } from '../area.js';
import { freshBatch, freshClaim } from '../fresh.js';
import type { Kit } from '../kit.js';

/** Deleting one message (rest-v1 2.14, semantics sections 4 and 5). */
export const deletingOne = area('deleting one', {
  'deletes at once, and is idempotent': async (kit) => {
    const queue = await kit.queue();
    const [id, other] = await queue.post(2);
    expect(await queue.delete(id!)).toBe('deleted');
    expect(await queue.get(id!)).toBeUndefined();
    expect(await queue.delete(id!)).toBe('absent');
    expect(await queue.ids()).toEqual([other]);
  },

  ...each(
    [null, 'another', 'ill formed'],
    (claim) => `finds no message of an unknown id, with claim ${JSON.stringify(claim)}`,
    async (claim, kit: Kit) => {
      const queue = await kit.queue();
      await queue.post(1);
      for (const id of [`m${freshBatch()}-0`, 'nonsense', ''])
        expect(await queue.delete(id, claim === 'another' ? freshClaim() : claim)).toBe('absent');
      expect(await queue.counts()).toEqual([0, 1, 1]);
    },
  ),

  'refuses a claimed message without its claim, and takes it with it': async (kit) => {
    const queue = await kit.queue();
    const [id] = await queue.post(2);
    const claim = await queue.claim();
    expect(await queue.delete(id!)).toBe('claimed');
    expect(await queue.get(id!)).toBeDefined();
    expect(await queue.delete(id!, claim.id)).toBe('deleted');
    expect(await queue.delete(id!, claim.id)).toBe('absent');
    expect(await queue.getClaim(claim.id)).toMatchObject({ claim: { messages: [{}] } });
  },

  'refuses with another claim: claimed while that lives, lost when it does not': async (kit) => {
    const queue = await kit.queue();
    const [id, second] = await queue.post([{ ttl: 500 }, { ttl: 500 }]);
    await queue.claim({ limit: 1, ttl: 300 });
    const other = await queue.claim({ limit: 1, ttl: 60 });
    expect(await queue.delete(id!, other.id)).toBe('claimed');
    expect(await queue.delete(id!, freshClaim())).toBe('lost');
    expect(await queue.delete(id!, 'ill formed')).toBe('lost');
    await kit.advance(60);
    expect(await queue.delete(id!, other.id)).toBe('lost');
    expect(await queue.ids({ includeClaimed: true })).toEqual([id, second]);
  },

  'calls a claim without messages one that does not live (C9)': async (kit) => {
    const queue = await kit.queue();
    const [id, second] = await queue.post(2);
    await queue.claim({ limit: 1 });
    const empty = await queue.claim({ limit: 1 });
    await queue.delete(second!, empty.id);
    expect(await queue.delete(id!, empty.id)).toBe('lost');
  },

  'says lost for a free message and any claim': async (kit) => {
    const queue = await kit.queue();
    const [id] = await queue.post([{ ttl: 500 }, { ttl: 500 }]);
    const released = await queue.claim({ limit: 1 });
    await queue.release(released.id);
    expect(await queue.delete(id!, released.id)).toBe('lost');
    expect(await queue.delete(id!, freshClaim())).toBe('lost');
    expect(await queue.delete(id!, '')).toBe('lost');
    const ended = await queue.claim({ limit: 1 });
    await kit.advance(60);
    expect(await queue.delete(id!, ended.id)).toBe('lost');
    expect(await queue.delete(id!)).toBe('deleted');
  },
});

/** Deleting by ids, whoever holds them (rest-v1 2.15, semantics section 4). */
export const deletingMany = area('deleting many', {
  'looks at no claim, skips unknown ids and counts each message once': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(4);
    const claim = await queue.claim({ limit: 2 });
    const named = [ids[0]!, ids[2]!, ids[0]!, `m${freshBatch()}-0`, 'nonsense', ''];
    expect(await queue.deleteAll(named)).toBe(2);
    expect(await queue.deleteAll(named)).toBe(0);
    expect(await queue.ids({ includeClaimed: true })).toEqual([ids[1], ids[3]]);
    expect(await queue.getClaim(claim.id)).toMatchObject({ claim: { messages: [{ id: ids[1] }] } });
    expect((await queue.getMany(ids)).messages).toHaveLength(2);
    expect(await queue.deleteAll([])).toBe(0);
  },

  'ends a claim with its last message (C9)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(2);
    const claim = await queue.claim();
    await queue.deleteAll(ids);
    expect(await queue.getClaim(claim.id)).toEqual({ kind: 'unknown' });
    expect(await queue.counts()).toEqual([0, 0, 0]);
  },
});

/** Acknowledging under a claim. */
export const acknowledging = area('acknowledging', {
  'answers for each id in order: acknowledged, already gone, claim lost': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(5);
    const claim = await queue.claim({ limit: 3 });
    await queue.claim({ limit: 1 });
    await queue.delete(ids[1]!, claim.id);
    const named = [ids[4]!, ids[0]!, ids[1]!, ids[3]!, 'nonsense', ids[0]!, `m${freshBatch()}-0`];
    expect(await queue.acknowledge(claim.id, named)).toEqual([
      'claimLost',
      'acknowledged',
      'alreadyGone',
      'claimLost',
      'alreadyGone',
      'alreadyGone',
      'alreadyGone',
    ]);
    expect(await queue.ids({ includeClaimed: true })).toEqual(ids.slice(2));
    expect(await queue.acknowledge(claim.id, [])).toEqual([]);
  },

  'changes nothing with a stale claim': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([{ ttl: 500 }, { ttl: 500 }]);
    const ended = await queue.claim({ limit: 1 });
    const released = await queue.claim({ limit: 1 });
    await queue.release(released.id);
    await kit.advance(60);
    for (const claim of [ended.id, released.id, freshClaim(), 'ill formed', ''])
      expect(await queue.acknowledge(claim, ids)).toEqual(['claimLost', 'claimLost']);
    expect(await queue.ids()).toEqual(ids);
  },
});

/** Taking messages out for good. */
export const popping = area('popping', {
  'takes the first claimable ones out for good, in order': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(6);
    const claim = await queue.claim({ limit: 1 });
    expect((await queue.pop(2)).map(({ id }) => id)).toEqual(ids.slice(1, 3));
    expect(await queue.ids({ includeClaimed: true })).toEqual([ids[0], ...ids.slice(3)]);
    expect((await queue.pop(10)).map(({ id }) => id)).toEqual(ids.slice(3));
    expect(await queue.pop(10)).toEqual([]);
    await queue.release(claim.id);
    expect((await queue.pop(10)).map(({ id }) => id)).toEqual([ids[0]]);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  },

  'takes only what it returns: at most the bytes asked for, and always one': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([400, 100, 100].map((size) => ({ body: Buffer.alloc(size, 32) })));
    expect((await queue.pop(10, { maxBytes: 200 })).map(({ id }) => id)).toEqual([ids[0]]);
    expect((await queue.pop(10, { maxBytes: 199 })).map(({ id }) => id)).toEqual([ids[1]]);
    expect(await queue.ids()).toEqual([ids[2]]);
  },

  'shows the message as it was': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne({ body: Buffer.from('"x"'), contentType: 'text/plain' });
    const before = await queue.get(id);
    expect(await queue.pop(1)).toEqual([before]);
  },
});
