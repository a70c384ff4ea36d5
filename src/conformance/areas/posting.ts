import { expect } from 'expect';
import { area, each } from '../area.js';
import { freshBatch, freshClient } from '../fresh.js';
import type { Kit } from '../kit.js';

/** Posts: atomic, in order, unchanged (P2, semantics sections 3 and 4). */
export const posting = area('posting', {
  'shows a message exactly as it was posted': async (kit) => {
    const queue = await kit.queue();
    const body = Buffer.from('{"":{"$a.b":null,"n":9007199254740993,"t":"\u{1F680}\\u0000"}}  ');
    const { batch, first } = await queue.receipt([{ body, contentType: 'application/x', ttl: 300 }]);
    const [message] = await queue.list();
    expect(message).toEqual({
      id: `m${batch}-0`,
      marker: first,
      body: expect.any(Uint8Array),
      contentType: 'application/x',
      ttl: 300,
      postedAt: kit.now,
      expires: kit.now / 1000 + 300,
      epoch: 0,
      attempt: 0,
    });
    expect(Buffer.from(message!.body)).toEqual(body);
  },

  ...each(
    [0, 1, 255, 70_000],
    (size) => `keeps a body of ${size} bytes of any value`,
    async (size, kit: Kit) => {
      const queue = await kit.queue();
      const body = Uint8Array.from({ length: size }, (_, index) => index % 256);
      const id = await queue.postOne({ body, contentType: 'application/octet-stream' });
      expect(Buffer.from((await queue.get(id))!.body)).toEqual(Buffer.from(body));
    },
  ),

  'does not follow what the caller does with its buffer afterwards': async (kit) => {
    const queue = await kit.queue();
    const body = Buffer.from('"before"');
    const id = await queue.postOne({ body });
    body.write('"after!"');
    expect(Buffer.from((await queue.get(id))!.body).toString()).toBe('"before"');
  },

  'gives consecutive markers in the order of the post, and rising ones to later posts': async (kit) => {
    const queue = await kit.queue();
    const one = await queue.receipt(3);
    const two = await queue.receipt(2);
    const markers = (await queue.list()).map(({ marker }) => marker);
    expect(one).toMatchObject({ count: 3, duplicate: false });
    expect(one.first).toBeGreaterThan(0);
    expect(two.first).toBeGreaterThan(one.first + 2);
    expect(markers).toEqual([one.first, one.first + 1, one.first + 2, two.first, two.first + 1]);
  },

  'never uses a marker again, even when all messages are gone (F5)': async (kit) => {
    const queue = await kit.queue();
    const ids = await queue.post(3);
    const { marker: last } = (await queue.list()).at(-1)!;
    await queue.deleteAll(ids);
    await kit.advance(200);
    expect((await queue.receipt(1)).first).toBeGreaterThan(last);
  },

  'keeps the order of steps in one commit, and shows each to the next': async (kit) => {
    const queue = await kit.queue();
    const [a, b] = [queue.postOp(2), queue.postOp(1)];
    const claimOp = queue.claimOp({ limit: 3 });
    const outcomes = await kit.applyAll([
      a,
      b,
      claimOp,
      { kind: 'acknowledgeIfHolder', queue: queue.ref, claim: claimOp.claim, ids: [`m${a.batch}-1`] },
      { kind: 'releaseIfLive', queue: queue.ref, claim: claimOp.claim },
      { kind: 'popNext', queue: queue.ref, limit: 1, maxBytes: 1_000 },
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'posted' },
      { kind: 'posted' },
      {
        kind: 'claimed',
        claim: { messages: [{ id: `m${a.batch}-0` }, { id: `m${a.batch}-1` }, { id: `m${b.batch}-0` }] },
      },
      { kind: 'acknowledged', outcomes: ['acknowledged'] },
      { kind: 'released', count: 2 },
      { kind: 'popped', messages: [{ id: `m${a.batch}-0` }] },
    ]);
    expect(await queue.ids()).toEqual([`m${b.batch}-0`]);
  },

  'serves several queues in one commit, and a refused step disturbs no other': async (kit) => {
    const [one, two, gone] = [await kit.queue(), await kit.queue(), await kit.queue()];
    await kit.apply({ kind: 'fence', queue: gone.ref });
    const outcomes = await kit.applyAll([one.postOp(2), gone.postOp(2), two.postOp(1), two.claimOp(), gone.claimOp()]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['posted', 'gone', 'posted', 'claimed', 'gone']);
    expect(await one.counts()).toEqual([0, 2, 2]);
    expect(await two.counts()).toEqual([1, 0, 1]);
  },

  'applies an empty commit': async (kit) => {
    expect(await kit.applyAll([])).toEqual([]);
  },

  'keeps the order of a large post and of many posts (F1)': async (kit) => {
    const queue = await kit.queue();
    const large = await queue.post(300);
    const ops = Array.from({ length: 200 }, () => queue.postOp(1));
    await kit.applyAll(ops);
    const expected = [...large, ...ops.map(({ batch }) => `m${batch}-0`)];
    expect(await queue.ids({ limit: 1_000 })).toEqual(expected);
    expect((await queue.claim({ limit: 1_000 })).messages.map(({ id }) => id)).toEqual(expected);
  },

  'goes on after the largest number of messages of one post, index by index': async (kit) => {
    const queue = await kit.queue();
    const batch = freshBatch();
    const poster = freshClient();
    const ids = await queue.post(1_200, { batch, poster });
    expect(ids.at(-1)).toBe(`m${batch}-1199`);
    expect(await queue.get(ids.at(-1)!)).toMatchObject({ id: ids.at(-1) });
    expect(await queue.counts()).toEqual([0, 1_200, 1_200]);
  },
});
