import type { Storage, StorageObserver, StoreClock } from '../../ports/index.js';
import { monotonicClock } from './clock.js';
import { MemoryControlStore } from './control-store.js';
import { MemoryMessageStore } from './message-store.js';
import { MemoryTransfer } from './transfer.js';

/** What may be given to the memory driver. */
export interface MemoryOptions {
  /** Wall time at start, advanced monotonically, unless given. */
  readonly clock?: StoreClock;
  readonly observer?: StorageObserver;
}

/**
 * The reference model: plain maps that are right rather than fast, for the property tests and for trying things out.
 * Nothing outlives the process (durability `memory`), so it is never a default. It runs the same conformance suite as
 * every other driver.
 */
export function openMemory({ clock = monotonicClock(), observer }: MemoryOptions = {}): Storage {
  const control = new MemoryControlStore();
  const messages = new MemoryMessageStore(observer);
  return {
    driver: 'memory',
    capabilities: { commitScope: 'store', persistent: false, shared: false },
    durability: 'memory',
    clock,
    control,
    messages,
    signals: null,
    transfer: new MemoryTransfer(control, messages, clock),
    health: async () => ({ state: 'ok', detail: '' }),
    close: async () => undefined,
  };
}
