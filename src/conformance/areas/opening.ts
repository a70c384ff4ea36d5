import { expect } from 'expect';
import { ownArea } from '../area.js';
import { freshClient, freshRef } from '../fresh.js';
import { Kit } from '../kit.js';
import { QueueKit } from '../queue-kit.js';

const DURABILITIES = ['memory', 'relaxed', 'fsync', 'majority'];

/** What a storage says of itself, and what outlives it. */
export const opening = ownArea('opening', {
  'describes itself truthfully and is well': async (workshop) => {
    const { storage, reopen } = await workshop.create();
    expect(DURABILITIES).toContain(storage.durability);
    expect(['store', 'queue']).toContain(storage.capabilities.commitScope);
    expect(storage.capabilities.persistent).toBe(reopen !== null);
    expect(storage.capabilities.persistent).toBe(storage.durability !== 'memory');
    expect(await storage.health()).toEqual({ state: 'ok', detail: '' });
  },

  'has a clock in whole milliseconds that never goes back': async (workshop) => {
    const { storage } = await workshop.create();
    const times = Array.from({ length: 1_000 }, () => storage.clock.now());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every(Number.isSafeInteger)).toBe(true);
  },

  'is empty at first': async (workshop) => {
    const { storage } = await workshop.create();
    expect(await storage.control.listQueues({ project: null, after: '', limit: 10 })).toEqual([]);
    expect(await storage.messages.openQueues('', 10)).toEqual([]);
    expect(await storage.messages.sweep(storage.clock.now(), 10)).toEqual({ freed: 0, more: false });
  },

  'keeps everything over a reopening where it says that data outlives the process': async (workshop) => {
    const made = await workshop.create();
    const before = new Kit(made.storage, false);
    const poster = freshClient();
    const created = await before.storage.control.createQueue('a/b', 'c', freshRef(), before.now);
    await before.storage.control.setMetadata('a/b', 'c', Buffer.from('{"k":1}'));
    const queue = new QueueKit(before, created.queue.ref);
    const fenced = await before.queue();
    await before.applyAll([
      { kind: 'open', queue: queue.ref },
      { kind: 'fence', queue: fenced.ref },
    ]);
    const key = { producer: 'p', sequence: '7', fingerprint: 'f', window: 1_000 };
    const receipt = await queue.receipt([{ ttl: 60 }, {}, {}, { ttl: 900 }], { key, poster });
    const claim = await queue.claim({ limit: 2, ttl: 100 });
    const ended = await queue.claim({ limit: 1, ttl: 60 });
    await before.advance(61);
    await queue.postOne();
    const dump = async ({ kit, ref }: QueueKit) => {
      const same = new QueueKit(kit, ref);
      return {
        record: await kit.storage.control.findQueue('a/b', 'c'),
        listed: await kit.storage.control.listQueues({ project: 'a/b', after: '', limit: 10 }),
        all: await same.list({ includeClaimed: true }),
        foreign: await same.list({ without: poster }),
        claim: await same.getClaim(claim.id),
        ended: await same.getClaim(ended.id),
        stats: await same.stats(),
        open: await kit.storage.messages.openQueues('', 10),
      };
    };
    const whole = await dump(queue);
    expect(whole.all).toHaveLength(5);
    if (made.reopen) {
      const after = new Kit(await made.reopen(), false);
      expect(after.storage.clock.now()).toBeGreaterThanOrEqual(before.now);
      after.now = before.now;
      const again = new QueueKit(after, queue.ref);
      expect(await dump(again)).toEqual(whole);
      expect(await again.receipt(4, { key })).toEqual({ ...receipt, duplicate: true });
      expect((await again.receipt(1)).first).toBeGreaterThan(whole.all.at(-1)!.marker);
      expect(await again.release(claim.id)).toBe(2);
      expect(await after.apply({ kind: 'open', queue: fenced.ref })).toEqual({ kind: 'gone' });
      expect((await again.claim({ limit: 3 })).messages.map(({ epoch }) => epoch)).toEqual([2, 2, 2]);
    }
  },
});
