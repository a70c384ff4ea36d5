import { expect } from 'expect';
import { ownArea } from '../area.js';
import { CRASH, REOPEN } from '../facts.js';
import { Kit } from '../kit.js';
import { QueueKit } from '../queue-kit.js';
import { expectKept, furnish } from '../whole.js';

/** What outlives closing: everything (P1, P9). */
export const reopening = ownArea(
  'reopening',
  {
    'keeps queues, messages, claims, counts, keys and fences': async (workshop) => {
      const made = await workshop.create();
      await expectKept(await furnish(made.storage), made.reopen!);
    },

    'finishes what was begun before': async (workshop) => {
      const made = await workshop.create();
      const before = new Kit(made.storage, false);
      const queue = await before.queue();
      const begun = queue.post(20);
      const after = new Kit(await made.reopen!(), false);
      after.now = before.now;
      expect(await new QueueKit(after, queue.ref).ids()).toEqual(await begun);
    },

    'judges what ended while it was closed by its time': async (workshop) => {
      const made = await workshop.create();
      const before = new Kit(made.storage, false);
      const queue = await before.queue();
      const [dead, ...alive] = await queue.post([{ ttl: 60 }, { ttl: 500 }, { ttl: 500 }]);
      const claim = await queue.claim({ limit: 2, ttl: 60, grace: 0 });
      const after = new Kit(await made.reopen!(), false);
      after.now = before.now + 60_000;
      const again = new QueueKit(after, queue.ref);
      expect(await again.getClaim(claim.id)).toEqual({ kind: 'unknown' });
      expect(await again.get(dead!)).toBeUndefined();
      expect(await again.ids()).toEqual(alive);
      expect(await again.counts()).toEqual([0, 2, 2]);
      expect(await again.acknowledge(claim.id, alive)).toEqual(['claimLost', 'claimLost']);
      expect((await again.claim()).messages.map(({ id }) => id)).toEqual(alive);
    },

    'never takes the clock back': async (workshop) => {
      const made = await workshop.create();
      const times = [made.storage.clock.now()];
      for (let round = 0; round < 3; round++) {
        const { clock } = await made.reopen!();
        times.push(clock.now(), clock.now());
      }
      expect(times).toEqual([...times].sort((a, b) => a - b));
    },
  },
  REOPEN,
);

/** What outlives a crash: all that was acknowledged (P1, P2, P9). */
export const crashing = ownArea(
  'crashing',
  {
    'keeps all that was acknowledged': async (workshop) => {
      const made = await workshop.create();
      await expectKept(await furnish(made.storage), made.crash!);
    },

    'keeps a post under way whole or not at all, and never uses its markers twice': async (workshop) => {
      const made = await workshop.create();
      let kit = new Kit(made.storage, false);
      const { ref } = await kit.queue();
      for (let round = 0; round < 5; round++) {
        const queue = new QueueKit(kit, ref);
        const before = await queue.list({ limit: 1_000 });
        // What becomes of the call is unknown to a caller that is gone with the process.
        queue.post(50).catch(() => undefined);
        const { now } = kit;
        kit = new Kit(await made.crash!(), false);
        kit.now = now;
        const after = await new QueueKit(kit, ref).list({ limit: 1_000 });
        expect(after.slice(0, before.length)).toEqual(before);
        expect([0, 50]).toContain(after.length - before.length);
        const { first } = await new QueueKit(kit, ref).receipt(1);
        expect(first).toBeGreaterThan(after.at(-1)?.marker ?? 0);
      }
    },

    'keeps what was taken taken: claims, acknowledgements, deletions': async (workshop) => {
      const made = await workshop.create();
      const before = new Kit(made.storage, false);
      const queue = await before.queue();
      const ids = await queue.post(10);
      const claim = await queue.claim({ limit: 4 });
      await queue.acknowledge(claim.id, ids.slice(0, 2));
      await queue.pop(2);
      await queue.deleteAll(ids.slice(9));
      const after = new Kit(await made.crash!(), false);
      after.now = before.now;
      const again = new QueueKit(after, queue.ref);
      expect(await again.ids()).toEqual(ids.slice(6, 9));
      expect(await again.counts()).toEqual([2, 3, 5]);
      expect(await again.acknowledge(claim.id, ids.slice(0, 4))).toEqual([
        'alreadyGone',
        'alreadyGone',
        'acknowledged',
        'acknowledged',
      ]);
    },
  },
  CRASH,
);
