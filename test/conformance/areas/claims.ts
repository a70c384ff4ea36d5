import { freshClaim, freshClient, type Kit } from '../kit.js';

/** Claims: taking, holding, renewing, releasing, ending (semantics section 5). */
export function claims(kit: () => Kit): void {
  describe('claiming', () => {
    it('takes 15 of 20, shows 15/5/20, and gets the same 15', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(20);
      const claim = await queue.claim({ limit: 15 });
      expect(claim.messages.map(({ id }) => id)).toEqual(ids.slice(0, 15));
      expect(await queue.counts()).toEqual([15, 5, 20]);
      expect(await queue.getClaim(claim.id)).toEqual({ kind: 'claim', claim, omitted: [] });
    });

    it('describes the claim and each message as it is from then on', async () => {
      const queue = await kit().queue();
      const [id] = await queue.post([{ ttl: 60, body: Buffer.from('"x"') }]);
      await kit().advance(5);
      const claim = await queue.claim({ ttl: 100, grace: 30 });
      expect(claim).toMatchObject({ ttl: 100, since: kit().now, ends: kit().now / 1000 + 100 });
      expect(claim.messages).toMatchObject([
        { id, ttl: 130, postedAt: kit().now - 5_000, expires: kit().now / 1000 + 130, epoch: 1, attempt: 1 },
      ]);
      expect(Buffer.from(claim.messages[0]!.body).toString()).toBe('"x"');
      expect(await queue.get(id!)).toEqual(claim.messages[0]);
    });

    it('makes no claim when nothing is claimable (C4)', async () => {
      const queue = await kit().queue();
      const claim = freshClaim();
      expect(await kit().apply(queue.claimOp({ claim }))).toEqual({ kind: 'none', nextAt: null });
      await queue.post(1);
      expect(await queue.getClaim(claim)).toEqual({ kind: 'unknown' });
    });

    it('takes messages of every poster (C1)', async () => {
      const queue = await kit().queue();
      const ids = [...(await queue.post(2, { poster: freshClient() })), ...(await queue.post(1))];
      expect((await queue.claim()).messages.map(({ id }) => id)).toEqual(ids);
    });

    it('gives disjoint messages to claims in a row until none are left (C3)', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(11);
      const taken: string[] = [];
      for (const size of [4, 4, 3]) {
        const { messages } = await queue.claim({ limit: 4 });
        expect(messages).toHaveLength(size);
        taken.push(...messages.map(({ id }) => id));
      }
      expect(taken).toEqual(ids);
      expect(await queue.tryClaim()).toBeNull();
    });

    it('gives disjoint messages to claims of one commit and of commits in a row', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(30);
      const outcomes = await kit().applyAll(Array.from({ length: 4 }, () => queue.claimOp({ limit: 4 })));
      const more: (typeof outcomes)[] = [];
      for (let round = 0; round < 3; round++) more.push(await kit().applyAll([queue.claimOp({ limit: 5 })]));
      const taken = [outcomes, ...more]
        .flat()
        .flatMap((outcome) => ('claim' in outcome ? outcome.claim.messages.map(({ id }) => id) : []));
      expect(taken).toEqual(ids);
    });

    it('claims only what it returns: at most the bytes asked for, and always one', async () => {
      const queue = await kit().queue();
      const ids = await queue.post([400, 100, 100, 100].map((size) => ({ body: Buffer.alloc(size, 32) })));
      const first = await queue.claim({ maxBytes: 300 });
      expect(first.messages.map(({ id }) => id)).toEqual([ids[0]]);
      const second = await queue.claim({ maxBytes: 200 });
      expect(second.messages.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
      expect(await queue.counts()).toEqual([3, 1, 4]);
      expect(await queue.ids()).toEqual([ids[3]]);
    });

    it('shows what of a claim did not fit', async () => {
      const queue = await kit().queue();
      const ids = await queue.post([100, 100, 100].map((size) => ({ body: Buffer.alloc(size, 32) })));
      const claim = await queue.claim();
      const shown = await queue.getClaim(claim.id, 250);
      expect(shown).toMatchObject({ kind: 'claim', omitted: [ids[2]] });
      expect(shown).toMatchObject({ claim: { messages: [{ id: ids[0] }, { id: ids[1] }] } });
      expect(await queue.getClaim(claim.id, 1)).toMatchObject({ claim: { messages: [{ id: ids[0] }] } });
    });

    it('skips a claimed stretch of any length', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(500);
      await queue.claim({ limit: 450 });
      expect((await queue.claim({ limit: 1 })).messages[0]!.id).toBe(ids[450]);
      expect((await queue.claim({ limit: 100 })).messages.map(({ id }) => id)).toEqual(ids.slice(451));
    });

    it('tells when a held message may come free', async () => {
      const queue = await kit().queue();
      await queue.post(2);
      await queue.claim({ limit: 1, ttl: 100 });
      await queue.claim({ limit: 1, ttl: 70 });
      const outcome = await kit().apply(queue.claimOp());
      const nextAt = outcome.kind === 'none' ? outcome.nextAt! : NaN;
      expect(nextAt).toBeLessThanOrEqual(kit().now / 1000 + 70);
      expect(nextAt * 1000).toBeGreaterThan(kit().now);
      expect(await kit().apply({ kind: 'popNext', queue: queue.ref, limit: 1, maxBytes: 1 })).toMatchObject({
        kind: 'none',
        nextAt: expect.any(Number),
      });
    });
  });

  describe('claim end', () => {
    it('comes at the first tick after creation + ttl, not before (C5)', async () => {
      const queue = await kit().queue();
      const ids = await queue.post([{ ttl: 300 }, { ttl: 300 }]);
      await kit().advance(0.001);
      const claim = await queue.claim({ ttl: 60, grace: 0 });
      expect(claim.ends).toBe(Math.ceil(kit().now / 1000) + 60);
      await kit().advance(60.998);
      expect(await queue.getClaim(claim.id)).toMatchObject({ kind: 'claim' });
      expect(await queue.ids()).toEqual([]);
      expect(await queue.counts()).toEqual([2, 0, 2]);
      await kit().advance(0.001);
      expect(await queue.getClaim(claim.id)).toEqual({ kind: 'unknown' });
      expect(await queue.ids()).toEqual(ids);
      expect(await queue.counts()).toEqual([0, 2, 2]);
      expect((await queue.claim()).messages.map(({ id }) => id)).toEqual(ids);
    });

    it('allows no renewal, even when nobody took the messages (C6)', async () => {
      const queue = await kit().queue();
      await queue.post([{ ttl: 300 }]);
      const { id } = await queue.claim();
      await kit().advance(60);
      expect(await queue.renew(id)).toEqual({ kind: 'unknown' });
      expect(await queue.release(id)).toBe(0);
      expect(await queue.counts()).toEqual([0, 1, 1]);
    });

    it('lets the epoch and the attempt rise with each claim, never with a renewal or a release (C11)', async () => {
      const queue = await kit().queue();
      const id = await queue.postOne({ ttl: 1_000 });
      for (const round of [1, 2, 3]) {
        const claim = await queue.claim();
        expect(claim.messages).toMatchObject([{ id, epoch: round, attempt: round }]);
        await queue.renew(claim.id);
        if (round === 2) await queue.release(claim.id);
        else await kit().advance(60);
      }
      expect(await queue.get(id)).toMatchObject({ epoch: 3, attempt: 3 });
    });

    it('does not touch those who took the message anew', async () => {
      const queue = await kit().queue();
      const id = await queue.postOne({ ttl: 1_000 });
      const stale = await queue.claim();
      await kit().advance(60);
      const live = await queue.claim({ ttl: 100 });
      expect(await queue.renew(stale.id)).toEqual({ kind: 'unknown' });
      expect(await queue.release(stale.id)).toBe(0);
      expect(await queue.delete(id, stale.id)).toBe('lost');
      expect(await queue.acknowledge(stale.id, [id])).toEqual(['claimLost']);
      expect(await queue.getClaim(stale.id)).toEqual({ kind: 'unknown' });
      expect(await queue.getClaim(live.id)).toEqual({ kind: 'claim', claim: live, omitted: [] });
    });

    it('is over at once with a ttl of 0', async () => {
      const queue = await kit().queue();
      await queue.post(1);
      const claim = freshClaim();
      const outcomes = await kit().applyAll([
        queue.claimOp({ claim, ttl: 0, grace: 0 }),
        { kind: 'renewIfLive', queue: queue.ref, claim, ttl: 60, grace: 0 },
        { kind: 'releaseIfLive', queue: queue.ref, claim },
      ]);
      expect(outcomes).toMatchObject([{ kind: 'claimed' }, { kind: 'unknown' }, { kind: 'released', count: 0 }]);
      expect(await queue.getClaim(claim)).toEqual({ kind: 'unknown' });
      expect(await queue.renew(claim)).toEqual({ kind: 'unknown' });
      expect(await queue.counts()).toEqual([0, 1, 1]);
    });

    it('comes for each of many claims in its own time', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(Array.from({ length: 10 }, () => ({ ttl: 1_000 })));
      for (const ttl of [90, 80, 70, 100, 60]) await queue.claim({ limit: 2, ttl });
      for (const [free, taken] of [
        [2, [8, 9]],
        [4, [4, 5]],
        [6, [2, 3]],
        [8, [0, 1]],
        [10, [6, 7]],
      ] as const) {
        await kit().advance(free === 2 ? 60 : 10);
        expect(await queue.counts()).toEqual([10 - free, free, 10]);
        expect(await queue.ids()).toEqual(expect.arrayContaining(taken.map((index) => ids[index])));
      }
    });
  });

  describe('renewal', () => {
    it('moves the end, restarts the age, keeps the messages and the epoch (C6, C8)', async () => {
      const queue = await kit().queue();
      const ids = await queue.post([{ ttl: 500 }, { ttl: 500 }]);
      const claim = await queue.claim({ ttl: 100 });
      await kit().advance(50);
      expect(await queue.renew(claim.id, 200)).toEqual({ kind: 'renewed', ends: kit().now / 1000 + 200 });
      const found = await queue.getClaim(claim.id);
      expect(found).toMatchObject({ claim: { ttl: 200, since: kit().now, ends: kit().now / 1000 + 200 } });
      await kit().advance(199);
      expect(await queue.getClaim(claim.id)).toMatchObject({
        claim: { messages: ids.map((id) => ({ id, epoch: 1 })) },
      });
      await kit().advance(1);
      expect(await queue.getClaim(claim.id)).toEqual({ kind: 'unknown' });
      expect(await queue.counts()).toEqual([0, 2, 2]);
    });

    it('may bring the end nearer', async () => {
      const queue = await kit().queue();
      await queue.post([{ ttl: 500 }]);
      const claim = await queue.claim({ ttl: 300 });
      await queue.renew(claim.id, 60);
      expect(await queue.counts()).toEqual([1, 0, 1]);
      await kit().advance(60);
      expect(await queue.counts()).toEqual([0, 1, 1]);
      expect(await queue.tryClaim()).not.toBeNull();
    });

    it('may bring the end to this moment, for the next step of the same commit too', async () => {
      const queue = await kit().queue();
      const id = await queue.postOne();
      const claim = await queue.claim();
      const outcomes = await kit().applyAll([
        { kind: 'renewIfLive', queue: queue.ref, claim: claim.id, ttl: 0, grace: 0 },
        queue.claimOp(),
      ]);
      expect(outcomes).toMatchObject([
        { kind: 'renewed' },
        { kind: 'claimed', claim: { messages: [{ id, epoch: 2 }] } },
      ]);
    });

    it('lengthens the lives of what is left, and of nothing else', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(3);
      const claim = await queue.claim({ limit: 2, grace: 0 });
      await queue.delete(ids[0]!, claim.id);
      await queue.renew(claim.id, 400, 50);
      expect(await queue.get(ids[1]!)).toMatchObject({ ttl: 450, expires: kit().now / 1000 + 450 });
      expect(await queue.get(ids[2]!)).toMatchObject({ ttl: 120 });
      await kit().advance(200);
      expect(await queue.counts()).toEqual([1, 0, 1]);
    });

    it('knows no claim that is ill-formed, empty or of no one (C9)', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(2);
      const claim = await queue.claim();
      await queue.deleteAll(ids);
      for (const id of [claim.id, freshClaim(), 'ill formed', '', '%']) {
        expect(await queue.renew(id)).toEqual({ kind: 'unknown' });
        expect(await queue.getClaim(id)).toEqual({ kind: 'unknown' });
        expect(await queue.release(id)).toBe(0);
      }
    });
  });

  describe('release', () => {
    it('frees the messages at once, in their old places (C7)', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(5);
      const first = await queue.claim({ limit: 2 });
      const second = await queue.claim({ limit: 2 });
      expect(await queue.release(first.id)).toBe(2);
      expect(await queue.ids()).toEqual([ids[0], ids[1], ids[4]]);
      expect(await queue.getClaim(first.id)).toEqual({ kind: 'unknown' });
      expect(await queue.release(first.id)).toBe(0);
      expect(await queue.getClaim(second.id)).toEqual({ kind: 'claim', claim: second, omitted: [] });
      expect((await queue.claim()).messages.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[4]]);
    });

    it('counts only what the claim still held', async () => {
      const queue = await kit().queue();
      const ids = await queue.post(4);
      const claim = await queue.claim();
      await queue.deleteAll([ids[0]!]);
      await queue.acknowledge(claim.id, [ids[1]!]);
      expect(await queue.release(claim.id)).toBe(2);
      expect(await queue.ids()).toEqual(ids.slice(2));
    });

    it('keeps the longer life', async () => {
      const queue = await kit().queue();
      const id = await queue.postOne();
      const claim = await queue.claim({ ttl: 777, grace: 23 });
      await queue.release(claim.id);
      await kit().advance(799);
      expect(await queue.get(id)).toMatchObject({ ttl: 800 });
      await kit().advance(1);
      expect(await queue.get(id)).toBeUndefined();
    });
  });

  describe('grace', () => {
    const vectors = [
      { ttl: 777, grace: 0, shown: 777 },
      { ttl: 777, grace: 23, shown: 800 },
      { ttl: 121, grace: 22, shown: 143 },
      { ttl: 100, grace: 22, shown: 122 },
      { ttl: 60, grace: 30, shown: 120 },
      { ttl: 60, grace: 60, shown: 120 },
    ];

    it.each(vectors)('shows ttl $shown after a claim of ttl $ttl, grace $grace', async ({ ttl, grace, shown }) => {
      const queue = await kit().queue();
      const id = await queue.postOne({ ttl: 120 });
      const claim = await queue.claim({ ttl, grace });
      expect(claim.messages[0]).toMatchObject({ ttl: shown, expires: kit().now / 1000 + shown });
      expect(await queue.get(id)).toEqual(claim.messages[0]);
      expect((await queue.list({ includeClaimed: true }))[0]).toEqual(claim.messages[0]);
    });

    it.each(vectors)('shows ttl $shown after a renewal by ttl $ttl, grace $grace', async ({ ttl, grace, shown }) => {
      const queue = await kit().queue();
      const id = await queue.postOne({ ttl: 120 });
      const claim = await queue.claim({ ttl: 60, grace: 0 });
      await queue.renew(claim.id, ttl, grace);
      expect(await queue.get(id)).toMatchObject({ ttl: shown, expires: kit().now / 1000 + shown });
    });

    it('never shortens a life', async () => {
      const queue = await kit().queue();
      const id = await queue.postOne({ ttl: 120 });
      const claim = await queue.claim({ ttl: 777, grace: 23 });
      await queue.renew(claim.id, 60, 0);
      expect(await queue.get(id)).toMatchObject({ ttl: 800 });
      await queue.release(claim.id);
      await queue.claim({ ttl: 60, grace: 60 });
      expect(await queue.get(id)).toMatchObject({ ttl: 800, expires: kit().now / 1000 + 800 });
    });

    it('keeps a message alive under its worker, and for the grace after', async () => {
      const queue = await kit().queue();
      const id = await queue.postOne({ ttl: 60 });
      await kit().advance(59.5);
      const claim = await queue.claim({ ttl: 60, grace: 60 });
      await kit().advance(60);
      expect(await queue.get(id)).toBeDefined();
      expect(await queue.acknowledge(claim.id, [id])).toEqual(['acknowledged']);
    });
  });
}
