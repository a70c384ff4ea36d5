import { expect } from 'expect';
import type { MessageOp, MessageOutcome } from '../../storage/ports/index.js';
import { area } from '../area.js';
import { SHARED } from '../facts.js';
import type { Kit } from '../kit.js';
import { PLENTY } from '../queue-kit.js';

/** How far the clocks of these cases are apart, in milliseconds. */
const SKEW = 2_000;

async function applyWithSkew(kit: Kit, op: MessageOp): Promise<MessageOutcome> {
  const [outcome] = await kit.storage.messages.apply({ ops: [op], now: kit.now, skew: SKEW });
  return outcome!;
}

/** Takers of a shared storage wait out that the holder's clock may be behind (`Batch.skew`). */
export const skewedTaking = area(
  'taking by skewed clocks',
  {
    'leaves an ended claim its messages for the skew, to the millisecond': async (kit) => {
      const queue = await kit.queue();
      const id = await queue.postOne({ ttl: 500 });
      await queue.claim({ ttl: 60 });
      const pop = { kind: 'popNext', queue: queue.ref, limit: 1, maxBytes: PLENTY } as const;
      await kit.advance(60);
      expect(await applyWithSkew(kit, queue.claimOp())).toMatchObject({ kind: 'none' });
      expect(await applyWithSkew(kit, pop)).toMatchObject({ kind: 'none' });
      await kit.advance(1.999);
      expect(await applyWithSkew(kit, queue.claimOp())).toMatchObject({ kind: 'none' });
      expect(await applyWithSkew(kit, pop)).toMatchObject({ kind: 'none' });
      await kit.advance(0.001);
      expect(await applyWithSkew(kit, queue.claimOp())).toMatchObject({
        kind: 'claimed',
        claim: { messages: [{ id, epoch: 2 }] },
      });
    },

    'takes the others meanwhile: free ones, and those of a released claim': async (kit) => {
      const queue = await kit.queue();
      const ids = await queue.post(Array.from({ length: 3 }, () => ({ ttl: 500 })));
      await queue.claim({ limit: 1, ttl: 60 });
      const released = await queue.claim({ limit: 1, ttl: 300 });
      await kit.advance(60);
      await queue.release(released.id);
      expect(await applyWithSkew(kit, queue.claimOp())).toMatchObject({
        kind: 'claimed',
        claim: {
          messages: [
            { id: ids[1], epoch: 2 },
            { id: ids[2], epoch: 1 },
          ],
        },
      });
    },

    'ends the claim for its holder and for readers as ever': async (kit) => {
      const queue = await kit.queue();
      const id = await queue.postOne({ ttl: 500 });
      const { id: claim } = await queue.claim({ ttl: 60 });
      await kit.advance(60);
      const op = { queue: queue.ref, claim } as const;
      expect(await applyWithSkew(kit, { ...op, kind: 'renewIfLive', ttl: 60, grace: 0 })).toEqual({ kind: 'unknown' });
      expect(await applyWithSkew(kit, { ...op, kind: 'acknowledgeIfHolder', ids: [id] })).toEqual({
        kind: 'acknowledged',
        outcomes: ['claimLost'],
      });
      expect(await queue.getClaim(claim)).toEqual({ kind: 'unknown' });
      expect(await queue.ids()).toEqual([id]);
      expect(await queue.counts()).toEqual([0, 1, 1]);
    },
  },
  SHARED,
);
