import { expect } from 'expect';
import type { Project } from '../../domain/principal.js';
import type { QueueCursor, Transfer, WholeKey, WholeMessage, WholeQueue } from '../../storage/ports/index.js';
import { ownArea } from '../area.js';
import { TRANSFER } from '../facts.js';
import { freshRef } from '../fresh.js';
import { Kit } from '../kit.js';
import { PLENTY, QueueKit } from '../queue-kit.js';
import { furnish, showAll } from '../whole.js';
import type { Workshop } from '../workshop.js';

/** Pages of one reading at the most. */
const MOST_PAGES = 1_000;

/** All that pages hold together, the next one asked for by the last of the one before. */
async function allPages<T>(next: (last: T | null) => Promise<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const more = await next(all.at(-1) ?? null);
    if (more.length === 0) return all;
    all.push(...more);
  }
  throw new Error(`There are more than ${MOST_PAGES} pages.`);
}

const queuesOf = (from: Transfer): Promise<WholeQueue[]> =>
  allPages<WholeQueue>((last: QueueCursor | null) => from.queues(last, 1));

const messagesOf = (from: Transfer, uid: string, now: number): Promise<WholeMessage[]> =>
  allPages<WholeMessage>((last) => from.messages(uid, last?.marker ?? 0, 2, PLENTY, now));

const keysOf = (from: Transfer, uid: string, now: number): Promise<WholeKey[]> =>
  allPages<WholeKey>((last) => from.keys(uid, last, 1, now));

/** Copies every queue, as `marconi storage copy` does. */
async function copyAll(from: Transfer, to: Transfer, now: number): Promise<void> {
  for (const queue of await queuesOf(from)) {
    const { uid } = queue.ref;
    await to.putQueue(queue);
    await to.putMessages(uid, await messagesOf(from, uid, now));
    await to.putKeys(uid, await keysOf(from, uid, now));
    expect(await to.nameQueue(queue)).toBe(true);
  }
}

/** Two storages at one time of the tests, the second empty. */
async function twoKits(workshop: Workshop): Promise<readonly [Kit, Kit]> {
  const from = new Kit((await workshop.create()).storage, false);
  const to = new Kit((await workshop.create()).storage, false);
  to.now = from.now;
  return [from, to];
}

/** A named queue of the storage. */
async function namedQueue(kit: Kit, name: string, project: Project = 'p'): Promise<QueueKit> {
  const queue = await kit.queue();
  await kit.storage.control.createQueue(project, name, queue.ref, kit.now);
  return queue;
}

const wholeQueue = (name: string): WholeQueue => ({
  ...{ project: 'p', name, ref: freshRef(), metadata: Buffer.from('{}'), createdAt: 1_000, nextMarker: 5 },
});

/** Moving a whole storage into another one. */
export const transferring = ownArea(
  'transfer',
  {
    'moves all that the storage shows, and the copy goes on from there': async (workshop) => {
      const furnished = await furnish((await workshop.create()).storage);
      const { kit: from, ref, key, receipt, claim } = furnished;
      const to = new Kit((await workshop.create()).storage, false);
      to.now = from.now;
      await copyAll(from.storage.transfer!, to.storage.transfer!, from.now);
      const whole = await showAll(furnished, from);
      expect(whole.all).toHaveLength(5);
      // A copy's incarnations are dated otherwise.
      expect({ ...(await showAll(furnished, to)), open: [] }).toEqual({ ...whole, open: [] });
      const queue = new QueueKit(to, ref);
      expect(await queue.receipt(4, { key })).toEqual({ ...receipt, duplicate: true });
      expect((await queue.receipt(1)).first).toBeGreaterThan(whole.all.at(-1)!.marker);
      expect(await queue.release(claim)).toBe(2);
      expect((await queue.claim({ limit: 3 })).messages.map(({ epoch }) => epoch)).toEqual([2, 2, 2]);
    },

    'reads queues, messages and keys page by page, each once': async (workshop) => {
      const [kit] = await twoKits(workshop);
      const { transfer } = kit.storage;
      const queues = [await namedQueue(kit, 'a'), await namedQueue(kit, 'b'), await namedQueue(kit, 'c')];
      await namedQueue(kit, 'a', null);
      // As a deletion leaves it that broke off.
      const { ref: fenced } = await namedQueue(kit, 'aa');
      await kit.apply({ kind: 'fence', queue: fenced });
      const names = (await queuesOf(transfer!)).map(({ project, name }) => `${project ?? '-'} ${name}`);
      expect(names.sort()).toEqual(['- a', 'p a', 'p b', 'p c']);
      const [queue] = queues as [QueueKit];
      const ids = await queue.post([100, 100, 100, 500].map((size) => ({ body: Buffer.alloc(size, 32) })));
      const sequences = ['1', '2', '18446744073709551615'];
      for (const sequence of sequences)
        await queue.post(1, { key: { producer: 'p', sequence, fingerprint: 'f', window: 100 } });
      expect((await messagesOf(transfer!, queue.ref.uid, kit.now)).slice(0, 4).map(({ id }) => id)).toEqual(ids);
      const keys = await keysOf(transfer!, queue.ref.uid, kit.now);
      expect(keys.map(({ sequence }) => sequence).sort()).toEqual([...sequences].sort());
      const few = await transfer!.messages(queue.ref.uid, 0, 10, 250, kit.now);
      expect(few.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      const large = await transfer!.messages(queue.ref.uid, few[1]!.marker + 1, 10, 1, kit.now);
      expect(large.map(({ id }) => id)).toEqual(ids.slice(3));
    },

    'gives no marker again, though its messages are gone': async (workshop) => {
      const [from, to] = await twoKits(workshop);
      const queue = await namedQueue(from, 'q');
      const ids = await queue.post(5);
      const { marker } = (await queue.list()).at(-1)!;
      await queue.deleteAll(ids);
      await copyAll(from.storage.transfer!, to.storage.transfer!, from.now);
      expect((await new QueueKit(to, queue.ref).receipt(1)).first).toBeGreaterThan(marker);
    },

    'leaves out what is over at its time, and shows what an ended claim held as free': async (workshop) => {
      const [from, to] = await twoKits(workshop);
      const queue = await namedQueue(from, 'q');
      const key = { producer: 'p', sequence: '1', fingerprint: 'f', window: 60 };
      const [, ...alive] = await queue.post([{ ttl: 60 }, { ttl: 500 }, { ttl: 500 }], { key });
      await queue.claim({ limit: 2, ttl: 60, grace: 0 });
      await from.advance(60);
      to.now = from.now;
      const found = await messagesOf(from.storage.transfer!, queue.ref.uid, from.now);
      expect(found).toMatchObject([
        { id: alive[0], state: 0, due: 0, hold: null, epoch: 1 },
        { id: alive[1], epoch: 0 },
      ]);
      expect(await keysOf(from.storage.transfer!, queue.ref.uid, from.now)).toEqual([]);
      await copyAll(from.storage.transfer!, to.storage.transfer!, from.now);
      const copied = new QueueKit(to, queue.ref);
      expect(await copied.ids()).toEqual(alive);
      expect(await copied.counts()).toEqual([0, 2, 2]);
      expect((await copied.receipt(1, { key })).duplicate).toBe(false);
    },

    'goes on where it was cut short: what is there is left as it is': async (workshop) => {
      const [from, to] = await twoKits(workshop);
      const queue = await namedQueue(from, 'q');
      const ids = await queue.post(6, { key: { producer: 'p', sequence: '1', fingerprint: 'f', window: 900 } });
      const { id: claim } = await queue.claim({ limit: 4 });
      const [source, target] = [from.storage.transfer!, to.storage.transfer!];
      const [whole] = await queuesOf(source);
      await target.putQueue(whole!);
      await target.putMessages(queue.ref.uid, (await messagesOf(source, queue.ref.uid, from.now)).slice(0, 3));
      await copyAll(source, target, from.now);
      await copyAll(source, target, from.now);
      const copied = new QueueKit(to, queue.ref);
      expect(await copied.list({ includeClaimed: true })).toEqual(await queue.list({ includeClaimed: true }));
      expect(await copied.counts()).toEqual([4, 2, 6]);
      expect(await copied.acknowledge(claim, ids.slice(0, 4))).toEqual(Array(4).fill('acknowledged'));
      expect(await copied.counts()).toEqual([0, 2, 2]);
    },

    'shows no queue of a copy before it is named, and takes no name from another': async (workshop) => {
      const { storage } = await workshop.create();
      const transfer = storage.transfer!;
      const queue = wholeQueue('q');
      await transfer.putQueue(queue);
      await transfer.putQueue(queue);
      expect(await storage.control.findQueue('p', 'q')).toBeNull();
      expect(await queuesOf(transfer)).toEqual([]);
      expect(await transfer.nameQueue(queue)).toBe(true);
      expect(await transfer.nameQueue({ ...queue, ref: freshRef() })).toBe(false);
      expect(await transfer.nameQueue({ ...queue, metadata: Buffer.from('{"x":1}') })).toBe(true);
      expect(await storage.control.findQueue('p', 'q')).toMatchObject({ ref: queue.ref, createdAt: 1_000 });
      const found = await storage.control.findQueue('p', 'q');
      expect(Buffer.from(found!.metadata).toString()).toBe('{}');
    },

    'fills no incarnation that is fenced': async (workshop) => {
      const { storage } = await workshop.create();
      const kit = new Kit(storage, false);
      const queue = wholeQueue('q');
      await kit.applyAll([
        { kind: 'open', queue: queue.ref },
        { kind: 'fence', queue: queue.ref },
      ]);
      const refusal = { reason: 'STORAGE_UNAVAILABLE' };
      await expect(storage.transfer!.putQueue(queue)).rejects.toMatchObject(refusal);
      await expect(storage.transfer!.putMessages(queue.ref.uid, [])).rejects.toMatchObject(refusal);
      await expect(storage.transfer!.putKeys(queue.ref.uid, [])).rejects.toMatchObject(refusal);
    },
  },
  TRANSFER,
);
