import { expect } from 'expect';
import { area } from '../area.js';
import { freshClaim, freshClient } from '../fresh.js';

/** Claims: what they take (semantics section 5, C1 to C4). */
export const claiming = area('claiming', {
  'takes 15 of 20, shows 15/5/20, and gets the same 15': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(20);
    const claim = await queue.claim({ limit: 15 });
    expect(claim.messages.map(({ id }) => id)).toEqual(ids.slice(0, 15));
    expect(await queue.counts()).toEqual([15, 5, 20]);
    expect(await queue.getClaim(claim.id)).toEqual({ kind: 'claim', claim, omitted: [] });
  },

  'describes the claim and each message as it is from then on': async (kit) => {
    const queue = await kit.queue();
    const [id] = await queue.post([{ ttl: 60, body: Buffer.from('"x"') }]);
    await kit.advance(5);
    const claim = await queue.claim({ ttl: 100, grace: 30 });
    expect(claim).toMatchObject({ ttl: 100, since: kit.now, ends: kit.now / 1000 + 100 });
    expect(claim.messages).toMatchObject([
      { id, ttl: 130, postedAt: kit.now - 5_000, expires: kit.now / 1000 + 130, epoch: 1, attempt: 1 },
    ]);
    expect(Buffer.from(claim.messages[0]!.body).toString()).toBe('"x"');
    expect(await queue.get(id!)).toEqual(claim.messages[0]);
  },

  'makes no claim when nothing is claimable (C4)': async (kit) => {
    const queue = await kit.queue();
    const claim = freshClaim();
    expect(await kit.apply(queue.claimOp({ claim }))).toEqual({ kind: 'none', nextAt: null });
    await queue.post(1);
    expect(await queue.getClaim(claim)).toEqual({ kind: 'unknown' });
  },

  'takes messages of every poster (C1)': async (kit) => {
    const queue = await kit.queue();
    const ids = [...(await queue.post(2, { poster: freshClient() })), ...(await queue.post(1))];
    expect((await queue.claim()).messages.map(({ id }) => id)).toEqual(ids);
  },

  'gives disjoint messages to claims in a row until none are left (C3)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(11);
    const taken: string[] = [];
    for (const size of [4, 4, 3]) {
      const { messages } = await queue.claim({ limit: 4 });
      expect(messages).toHaveLength(size);
      taken.push(...messages.map(({ id }) => id));
    }
    expect(taken).toEqual(ids);
    expect(await queue.tryClaim()).toBeNull();
  },

  'gives disjoint messages to claims of one commit and of commits in a row': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(30);
    const outcomes = await kit.applyAll(Array.from({ length: 4 }, () => queue.claimOp({ limit: 4 })));
    const more: (typeof outcomes)[] = [];
    for (let round = 0; round < 3; round++) more.push(await kit.applyAll([queue.claimOp({ limit: 5 })]));
    const taken = [outcomes, ...more]
      .flat()
      .flatMap((outcome) => ('claim' in outcome ? outcome.claim.messages.map(({ id }) => id) : []));
    expect(taken).toEqual(ids);
  },

  'claims only what it returns: at most the bytes asked for, and always one': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([400, 100, 100, 100].map((size) => ({ body: Buffer.alloc(size, 32) })));
    const first = await queue.claim({ maxBytes: 300 });
    expect(first.messages.map(({ id }) => id)).toEqual([ids[0]]);
    const second = await queue.claim({ maxBytes: 200 });
    expect(second.messages.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(await queue.counts()).toEqual([3, 1, 4]);
    expect(await queue.ids()).toEqual([ids[3]]);
  },

  'shows what of a claim did not fit': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([100, 100, 100].map((size) => ({ body: Buffer.alloc(size, 32) })));
    const claim = await queue.claim();
    const shown = await queue.getClaim(claim.id, 250);
    expect(shown).toMatchObject({ kind: 'claim', omitted: [ids[2]] });
    expect(shown).toMatchObject({ claim: { messages: [{ id: ids[0] }, { id: ids[1] }] } });
    expect(await queue.getClaim(claim.id, 1)).toMatchObject({ claim: { messages: [{ id: ids[0] }] } });
  },

  'skips a claimed stretch of any length': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(500);
    await queue.claim({ limit: 450 });
    expect((await queue.claim({ limit: 1 })).messages[0]!.id).toBe(ids[450]);
    expect((await queue.claim({ limit: 100 })).messages.map(({ id }) => id)).toEqual(ids.slice(451));
  },

  'tells when a held message may come free': async (kit) => {
    const queue = await kit.queue();
    await queue.post(2);
    await queue.claim({ limit: 1, ttl: 100 });
    await queue.claim({ limit: 1, ttl: 70 });
    const outcome = await kit.apply(queue.claimOp());
    const nextAt = outcome.kind === 'none' ? outcome.nextAt! : NaN;
    expect(nextAt).toBeLessThanOrEqual(kit.now / 1000 + 70);
    expect(nextAt * 1000).toBeGreaterThan(kit.now);
    expect(await kit.apply({ kind: 'popNext', queue: queue.ref, limit: 1, maxBytes: 1 })).toMatchObject({
      kind: 'none',
      nextAt: expect.any(Number),
    });
  },
});
