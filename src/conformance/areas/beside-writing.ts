import { expect } from 'expect';
import { area } from '../area.js';
import { lookWhile } from '../beside.js';
import { MarkerReader } from '../marker-reader.js';

/** Reads while a write is under way: of one moment, whole posts, in order (P2, P3, F3, F4). */
export const besideWriting = area('reading beside writing', {
  'sees a post whole or not at all, at every moment until it is acknowledged': async (kit) => {
    const queue = await kit.queue();
    for (let posts = 1; posts <= 10; posts++) {
      await lookWhile(queue.post(50), async () => {
        expect((await queue.ids({ limit: 1_000 })).length % 50).toBe(0);
      });
      expect(await queue.ids({ limit: 1_000 })).toHaveLength(50 * posts);
    }
  },

  'meets each message once and in order by the marker it keeps': async (kit) => {
    const queue = await kit.queue();
    const reader = new MarkerReader(queue, 7);
    const posted: string[] = [];
    const writing = async () => {
      for (let post = 0; post < 30; post++) posted.push(...(await queue.post(1 + (post % 5))));
    };
    await lookWhile(writing(), () => reader.read());
    expect(reader.seen).toEqual(posted);
  },

  'counts whole posts and claims, and no more claimed than there are': async (kit) => {
    const queue = await kit.queue();
    const writing = async () => {
      for (let round = 0; round < 10; round++) {
        await queue.post(20);
        const claim = await queue.claim({ limit: 20 });
        const ids = claim.messages.map(({ id }) => id);
        await queue.acknowledge(claim.id, ids);
      }
    };
    await lookWhile(writing(), async () => {
      const { total, claimed, oldest, newest, estimated } = await queue.stats();
      expect(claimed).toBeGreaterThanOrEqual(0);
      expect(total).toBeGreaterThanOrEqual(claimed);
      if (estimated) return;
      expect([total, claimed]).toEqual([total === 0 ? 0 : 20, claimed === 0 ? 0 : 20]);
      expect([oldest === null, newest === null]).toEqual([total === 0, total === 0]);
    });
    expect(await queue.counts()).toEqual([0, 0, 0]);
  },
});
