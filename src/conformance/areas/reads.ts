import { expect } from 'expect';
import { area } from '../area.js';
import { freshBatch } from '../fresh.js';
import { expectKind, PLENTY, START } from '../queue-kit.js';

/** Messages by their ids (rest-v1 2.12). */
export const findingById = area('finding by id', {
  'gives them oldest first, each once, claimed or not, without unknown ones': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(4);
    await queue.claim({ limit: 1 });
    const wanted = [ids[3]!, ids[0]!, `m${freshBatch()}-0`, 'nonsense', '', '1', ids[0]!, ids[3]!, `${ids[1]}x`];
    const { messages, omitted } = await queue.getMany(wanted);
    expect(messages.map(({ id }) => id)).toEqual([ids[0], ids[3]]);
    expect(omitted).toEqual([]);
    expect((await queue.getMany([])).messages).toEqual([]);
  },

  'names what did not fit, and always gives one': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([100, 100, 100, 100].map((size) => ({ body: Buffer.alloc(size, 32) })));
    for (const [maxBytes, fitting] of [
      [1, 1],
      [100, 1],
      [199, 1],
      [250, 2],
      [400, 4],
    ] as const) {
      const { messages, omitted } = await queue.getMany([...ids].reverse(), maxBytes);
      expect(messages.map(({ id }) => id)).toEqual(ids.slice(0, fitting));
      expect([...omitted].sort()).toEqual(ids.slice(fitting).sort());
    }
  },

  'does not take an id for another of the same post': async (kit) => {
    const queue = await kit.queue();
    const batch = freshBatch();
    await queue.post(12, { batch });
    expect(await queue.get(`m${batch}-1`)).toMatchObject({ id: `m${batch}-1` });
    expect(await queue.get(`m${batch}-11`)).toMatchObject({ id: `m${batch}-11` });
    expect(await queue.get(`m${batch}-12`)).toBeUndefined();
    expect(await queue.get(`m${batch}-01`)).toBeUndefined();
  },

  'takes batches literally, case and all': async (kit) => {
    const queue = await kit.queue();
    const ids = await Promise.all(
      ['AAAAAAAAAAAAAAAA', 'aaaaaaaaaaaaaaaa', 'AAAAAAAAAAAAAAAa', '________________', '----------------'].map(
        async (batch) => queue.postOne({}, { batch }),
      ),
    );
    for (const id of ids) expect((await queue.getMany([id])).messages.map((found) => found.id)).toEqual([id]);
  },
});

/** Reads are of one committed moment, never before an acknowledged write. */
export const reads = area('reads', {
  'see every acknowledged write at once': async (kit) => {
    const queue = await kit.queue();
    for (let round = 0; round < 50; round++) {
      const id = await queue.postOne();
      expect((await queue.get(id))?.id).toBe(id);
      expect((await queue.ids()).at(-1)).toBe(id);
      expect((await queue.stats()).newest?.id).toBe(id);
    }
  },

  'see a post whole or not at all while it is being stored (F4)': async (kit) => {
    const queue = await kit.queue();
    const { messages } = kit.storage;
    const page = { queue: queue.ref, position: START, without: null, includeClaimed: true, maxBytes: PLENTY };
    const sizes = new Set<number>();
    for (let round = 0; round < 20; round++) {
      const writes = kit.applyAll([queue.postOp(50)]);
      const reads = Array.from({ length: 5 }, () => messages.list({ ...page, limit: 10_000, now: kit.now }));
      for (const read of await Promise.all(reads)) sizes.add(expectKind(read, 'page').messages.length % 50);
      await writes;
    }
    expect([...sizes]).toEqual([0]);
  },
});
