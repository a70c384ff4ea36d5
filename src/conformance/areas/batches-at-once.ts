import { expect } from 'expect';
import { area } from '../area.js';
import { QUEUE_COMMITS } from '../facts.js';
import type { QueueKit } from '../queue-kit.js';

async function postClaimAcknowledge(queue: QueueKit, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const ids = await queue.post(3);
    const claim = await queue.claim({ limit: 2 });
    expect(claim.messages.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(await queue.acknowledge(claim.id, ids)).toEqual(['acknowledged', 'acknowledged', 'claimLost']);
    expect((await queue.pop(2)).map(({ id }) => id)).toEqual(ids.slice(2));
    expect(await queue.counts()).toEqual([0, 0, 0]);
  }
}

/** Takes and acknowledges until so many were taken; gives their ids in order. */
async function takeAll(queue: QueueKit, count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let tries = 0; taken.length < count && tries < 10_000; tries++) {
    const claim = await queue.tryClaim({ limit: 4 });
    const ids = claim?.messages.map(({ id }) => id) ?? [];
    if (claim) expect(await queue.acknowledge(claim.id, ids)).toEqual(ids.map(() => 'acknowledged'));
    taken.push(...ids);
  }
  return taken;
}

/** Batches that are under way at once, where the storage commits by queue (`MessageStore.apply`). */
export const batchesAtOnce = area(
  'batches at once',
  {
    'serve each queue as if it were alone': async (kit) => {
      const queues = await Promise.all(Array.from({ length: 8 }, () => kit.queue()));
      await Promise.all(queues.map((queue) => postClaimAcknowledge(queue, 5)));
    },

    'take what is posted beside them, each message once and in order': async (kit) => {
      const queue = await kit.queue();
      const posted: string[] = [];
      const posting = async () => {
        for (let post = 0; post < 20; post++) posted.push(...(await queue.post(3)));
      };
      const [taken] = await Promise.all([takeAll(queue, 60), posting()]);
      expect(taken).toEqual(posted);
      expect(await queue.counts()).toEqual([0, 0, 0]);
    },

    'delete beside posts, and touch no others': async (kit) => {
      const queue = await kit.queue();
      const old = await queue.post(40);
      const deleting = async () => {
        for (let index = 0; index < 40; index += 4) expect(await queue.deleteAll(old.slice(index, index + 4))).toBe(4);
      };
      const fresh: string[] = [];
      const posting = async () => {
        for (let post = 0; post < 10; post++) fresh.push(...(await queue.post(2)));
      };
      await Promise.all([deleting(), posting()]);
      expect(await queue.ids()).toEqual(fresh);
      expect(await queue.counts()).toEqual([0, 20, 20]);
    },

    'store a post before a fence beside it, or answer gone': async (kit) => {
      for (let round = 0; round < 10; round++) {
        const queue = await kit.queue();
        const fence = kit.apply({ kind: 'fence', queue: queue.ref });
        const { kind } = await kit.apply(queue.postOp(3));
        expect(['posted', 'gone']).toContain(kind);
        expect(await fence).toEqual({ kind: 'fenced' });
        expect(await kit.apply(queue.postOp(1))).toEqual({ kind: 'gone' });
        expect(await kit.storage.messages.stats(queue.ref, kit.now)).toEqual({ kind: 'gone' });
      }
    },
  },
  QUEUE_COMMITS,
);
