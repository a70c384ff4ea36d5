import { expect } from 'expect';
import { area } from '../area.js';
import { freshBatch, freshClient } from '../fresh.js';

/** Listing: order, markers, filters, page limits (semantics sections 3 and 7, rest-v1 2.11). */
export const listing = area('listing', {
  'pages by the last shown marker, each message once, then nothing': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(10);
    const sizes: number[] = [];
    const seen: string[] = [];
    let marker = 0;
    for (let page = 0; page < 5; page++) {
      const messages = await queue.list({ position: { kind: 'after', marker }, limit: 3 });
      sizes.push(messages.length);
      seen.push(...messages.map(({ id }) => id));
      marker = messages.at(-1)?.marker ?? marker;
    }
    expect(sizes).toEqual([3, 3, 3, 1, 0]);
    expect(seen).toEqual(ids);
  },

  'goes on after a message id, and lists nothing after an unknown one': async (kit) => {
    const queue = await kit.queue();
    const other = await kit.queue();
    const ids = await queue.post(5);
    const foreign = await other.postOne();
    expect(await queue.ids({ position: { kind: 'afterMessage', id: ids[1]! } })).toEqual(ids.slice(2));
    expect(await queue.ids({ position: { kind: 'afterMessage', id: ids[4]! } })).toEqual([]);
    for (const id of [`m${freshBatch()}-0`, foreign, 'nonsense', `${ids[0]}0`, `${ids[0]} `])
      expect(await queue.ids({ position: { kind: 'afterMessage', id } })).toEqual([]);
    expect(await queue.ids({ position: { kind: 'nowhere' } })).toEqual([]);
  },

  'keeps a marker good when its message is gone, but not the id': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(3);
    const { marker } = (await queue.list())[1]!;
    await queue.deleteAll([ids[1]!]);
    expect(await queue.ids({ position: { kind: 'after', marker } })).toEqual([ids[2]]);
    expect(await queue.ids({ position: { kind: 'afterMessage', id: ids[1]! } })).toEqual([]);
  },

  'takes the id of a claimed or own message as a position': async (kit) => {
    const queue = await kit.queue();
    const poster = freshClient();
    const [own] = await queue.post(1, { poster });
    const next = await queue.post(2);
    await queue.claim({ limit: 1 });
    const position = { kind: 'afterMessage', id: own! } as const;
    expect(await queue.ids({ position, without: poster })).toEqual(next);
  },

  'lists nothing after the largest marker': async (kit) => {
    const queue = await kit.queue();
    await queue.post(3);
    expect(await queue.ids({ position: { kind: 'after', marker: Number.MAX_SAFE_INTEGER } })).toEqual([]);
  },

  'leaves out own messages unless echoed: 0 of 15, then 10 and 5, then all 15': async (kit) => {
    const queue = await kit.queue();
    const poster = freshClient();
    const ids = await queue.post(15, { poster });
    expect(await queue.ids({ without: poster, limit: 10 })).toEqual([]);
    expect(await queue.ids({ without: freshClient(), limit: 20 })).toEqual(ids);
    const first = await queue.list({ limit: 10 });
    expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    const position = { kind: 'after', marker: first.at(-1)!.marker } as const;
    expect(await queue.ids({ position, limit: 10 })).toEqual(ids.slice(10));
    expect(await queue.ids({ limit: 20 })).toEqual(ids);
  },

  'shows each of many posters all messages but its own, also those of no poster': async (kit) => {
    const queue = await kit.queue();
    const posters = Array.from({ length: 300 }, freshClient);
    const ops = [...posters, null, ...posters].map((poster) => queue.postOp(1, { poster }));
    await kit.applyAll(ops);
    for (const poster of [posters[0]!, posters[150]!, posters[299]!]) {
      const expected = ops.filter((op) => op.poster !== poster).map(({ batch }) => `m${batch}-0`);
      expect(await queue.ids({ without: poster, limit: 1_000 })).toEqual(expected);
    }
  },

  'finds the one foreign message among 500 own, from either side': async (kit) => {
    const queue = await kit.queue();
    const poster = freshClient();
    await queue.post(350, { poster });
    const foreign = await queue.postOne();
    await queue.post(150, { poster });
    expect(await queue.ids({ without: poster, limit: 1 })).toEqual([foreign]);
    const { marker } = (await queue.get(foreign))!;
    expect(await queue.ids({ without: poster, position: { kind: 'after', marker } })).toEqual([]);
  },

  'leaves out claimed messages unless they are asked for; a claim moves nothing': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(6);
    const { id: claim } = await queue.claim({ limit: 3 });
    expect(await queue.ids()).toEqual(ids.slice(3));
    expect(await queue.ids({ includeClaimed: true })).toEqual(ids);
    await queue.release(claim);
    expect(await queue.ids()).toEqual(ids);
  },

  'combines both filters at every position': async (kit) => {
    const queue = await kit.queue();
    const poster = freshClient();
    const ops = Array.from({ length: 12 }, (_, index) => queue.postOp(1, { poster: index % 3 === 0 ? poster : null }));
    await kit.applyAll(ops);
    const all = await queue.list();
    await queue.claim({ limit: 5 });
    for (const { marker } of [{ marker: 0 }, ...all])
      for (const includeClaimed of [true, false])
        for (const without of [poster, null]) {
          const expected = all.filter(
            (message, index) =>
              message.marker > marker && (includeClaimed || index >= 5) && (without === null || index % 3 !== 0),
          );
          const found = await queue.ids({ position: { kind: 'after', marker }, includeClaimed, without });
          expect(found).toEqual(expected.map(({ id }) => id));
        }
  },

  'holds at most the bytes asked for, and always one message': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([100, 100, 100, 500, 10].map((size) => ({ body: Buffer.alloc(size, 32) })));
    expect(await queue.ids({ maxBytes: 299 })).toEqual(ids.slice(0, 2));
    expect(await queue.ids({ maxBytes: 300 })).toEqual(ids.slice(0, 3));
    expect(await queue.ids({ maxBytes: 1 })).toEqual(ids.slice(0, 1));
    const position = { kind: 'afterMessage', id: ids[2]! } as const;
    expect(await queue.ids({ position, maxBytes: 499 })).toEqual([ids[3]]);
    expect(await queue.ids({ position, maxBytes: 510 })).toEqual([ids[3], ids[4]]);
  },

  'never jumps over a message that does not fit': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post([10, 500, 10].map((size) => ({ body: Buffer.alloc(size, 32) })));
    expect(await queue.ids({ maxBytes: 100 })).toEqual([ids[0]]);
  },
});
