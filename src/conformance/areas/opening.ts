import { expect } from 'expect';
import { ownArea } from '../area.js';

const DURABILITIES = ['memory', 'relaxed', 'fsync', 'majority'];

/** What a storage says of itself. */
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

  'says that it is shared when two instances can be open on it, and only then': async (workshop) => {
    const { storage, second } = await workshop.create();
    expect(storage.capabilities.shared).toBe(second !== undefined);
  },
});
