import { expect } from 'expect';
import { area } from '../area.js';
import { freshBatch, freshClaim, freshRef } from '../fresh.js';
import { PLENTY, QueueKit, START } from '../queue-kit.js';

const GONE = { kind: 'gone' };

/** Every answer that the store gives about a queue, by step and by read. */
async function everyAnswer(queue: QueueKit, id: string, claim: string): Promise<unknown[]> {
  const { kit, ref } = queue;
  const { messages } = kit.storage;
  const steps = await kit.applyAll([
    queue.postOp(1),
    queue.claimOp(),
    { kind: 'renewIfLive', queue: ref, claim, ttl: 60, grace: 60 },
    { kind: 'releaseIfLive', queue: ref, claim },
    { kind: 'deleteIfAllowed', queue: ref, id, claim: null },
    { kind: 'deleteAll', queue: ref, ids: [id] },
    { kind: 'acknowledgeIfHolder', queue: ref, claim, ids: [id] },
    { kind: 'popNext', queue: ref, limit: 1, maxBytes: PLENTY },
  ]);
  const page = { queue: ref, position: START, limit: 10, without: null, includeClaimed: true, maxBytes: PLENTY };
  const reads = await Promise.all([
    messages.list({ ...page, now: kit.now }),
    messages.getMany(ref, [id], PLENTY, kit.now),
    messages.getClaim(ref, claim, PLENTY, kit.now),
    messages.stats(ref, kit.now),
  ]);
  return [...steps, ...reads];
}

/** Incarnations: opened, fenced, never mixed (design section 6). */
export const incarnations = area('incarnations', {
  'answers gone for one that was never opened': async (kit) => {
    const stranger = new QueueKit(kit, freshRef());
    const answers = await everyAnswer(stranger, `m${freshBatch()}-0`, freshClaim());
    expect(answers).toEqual(answers.map(() => GONE));
  },

  'opens once; a repeat changes nothing': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne();
    expect(await kit.apply({ kind: 'open', queue: queue.ref })).toEqual({ kind: 'opened' });
    expect(await queue.ids()).toEqual([id]);
  },

  'answers gone to everything from the fence on, also after sweeping': async (kit) => {
    const queue = await kit.queue();
    const id = await queue.postOne();
    await queue.postOne();
    const { id: claim } = await queue.claim({ limit: 1 });
    expect(await kit.apply({ kind: 'fence', queue: queue.ref })).toEqual({ kind: 'fenced' });
    const answers = await everyAnswer(queue, id, claim);
    expect(answers).toEqual(answers.map(() => GONE));
    await kit.storage.messages.sweep(kit.now, 10_000);
    const later = await everyAnswer(queue, id, claim);
    expect(later).toEqual(later.map(() => GONE));
  },

  'never opens a fenced one again': async (kit) => {
    const queue = await kit.queue();
    await kit.apply({ kind: 'fence', queue: queue.ref });
    expect(await kit.apply({ kind: 'open', queue: queue.ref })).toEqual(GONE);
    await kit.storage.messages.sweep(kit.now, 10_000);
    expect(await kit.apply({ kind: 'open', queue: queue.ref })).toEqual(GONE);
  },

  'fences within a commit: steps before it count, steps after it are gone': async (kit) => {
    const queue = await kit.queue();
    const outcomes = await kit.applyAll([
      queue.postOp(1),
      { kind: 'fence', queue: queue.ref },
      queue.postOp(1),
      queue.claimOp(),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['posted', 'fenced', 'gone', 'gone']);
  },

  'keeps incarnations apart: ids, claims and keys of one mean nothing in another': async (kit) => {
    const mine = await kit.queue();
    const other = await kit.queue();
    const id = await mine.postOne();
    const { id: claim } = await mine.claim();
    expect(await other.get(id)).toBeUndefined();
    expect(await other.ids({ position: { kind: 'afterMessage', id } })).toEqual([]);
    expect(await other.getClaim(claim)).toEqual({ kind: 'unknown' });
    expect(await other.renew(claim)).toEqual({ kind: 'unknown' });
    expect(await other.release(claim)).toBe(0);
    expect(await other.delete(id, claim)).toBe('absent');
    expect(await other.deleteAll([id])).toBe(0);
    expect(await other.acknowledge(claim, [id])).toEqual(['alreadyGone']);
    expect(await other.counts()).toEqual([0, 0, 0]);
    expect(await mine.counts()).toEqual([1, 0, 1]);
  },

  'allows the same claim id in two queues': async (kit) => {
    const [one, two] = [await kit.queue(), await kit.queue()];
    await one.post(1);
    await two.post(1);
    const { id: claim } = await one.claim();
    await two.claim({ claim });
    expect(await two.release(claim)).toBe(1);
    expect(await one.counts()).toEqual([1, 0, 1]);
  },

  'lists the opened ones that are not fenced, in order of uid, page by page': async (kit) => {
    const before = kit.now;
    const queues = await Promise.all(Array.from({ length: 7 }, () => kit.queue()));
    const fenced = queues.pop()!;
    await kit.apply({ kind: 'fence', queue: fenced.ref });
    const all: string[] = [];
    for (let after = '', page = 0; page < 1_000; page++) {
      const found = await kit.storage.messages.openQueues(after, 3);
      if (found.length === 0) break;
      for (const { uid, openedAt } of found) {
        all.push(uid);
        if (queues.some(({ ref }) => ref.uid === uid)) expect(openedAt).toBe(before);
      }
      after = found.at(-1)!.uid;
    }
    expect(all).toEqual([...new Set(all)].sort());
    expect(all).toEqual(expect.arrayContaining(queues.map(({ ref }) => ref.uid)));
    expect(all).not.toContain(fenced.ref.uid);
  },
});
