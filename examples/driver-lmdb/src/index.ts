import type { Signals, Storage, StorageHealth, StoreClock } from 'marconi/storage';
import { LmdbControlStore } from './control-store.js';
import { Database } from './database.js';
import { LmdbMessageStore } from './message-store.js';
import type { Incarnation } from './queue.js';

/** Processes that share the file share the machine's clock too; this is what a correction of it may move them apart. */
const SKEW_MS = 1_000;

/** How often a queue that somebody waits for is looked at. */
const LOOK_MS = 50;

/** Opens a storage in one LMDB file, which several processes of one machine may use at once. */
export async function openLmdb(path: string): Promise<Storage> {
  const db = new Database(path);
  const clock = storeClock(db.get<number>(['clock']) ?? 0);
  return {
    driver: 'lmdb',
    capabilities: { commitScope: 'store', persistent: true, shared: true },
    durability: 'fsync',
    clock,
    control: new LmdbControlStore(db),
    messages: new LmdbMessageStore(db, clock),
    signals: changesOf(db),
    transfer: null,
    health: async () => healthOf(db),
    close: () => db.close(),
  };
}

/** The machine's time, but never before what this process, or any before it, has seen. */
function storeClock(least: number): StoreClock {
  let last = least;
  return { now: () => (last = Math.max(last, Date.now())), skew: SKEW_MS };
}

/** Looks from time to time whether the queue has changed: LMDB tells nobody of what others write. */
function changesOf(db: Database): Signals {
  const changes = (uid: string) => db.read(() => db.get<Incarnation>(['queue', uid])?.changes);
  return {
    watch: (uid, changed) => {
      let seen = changes(uid);
      const timer = setInterval(() => {
        const now = changes(uid);
        if (now !== seen) changed();
        seen = now;
      }, LOOK_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

function healthOf(db: Database): StorageHealth {
  try {
    db.read(() => db.get(['clock']));
    return { state: 'ok', detail: '' };
  } catch (error) {
    return { state: 'unavailable', detail: String(error) };
  }
}
