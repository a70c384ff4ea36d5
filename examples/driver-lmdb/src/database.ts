import { open, type Key, type RangeOptions, type RootDatabase } from 'lmdb';
import { MarconiError } from 'marconi/storage';

/**
 * One LMDB file. Keys are arrays that begin with what they hold:
 *
 * - `name`, project, queue name → the queue's record; `named`, uid → true
 * - `queue`, uid → the incarnation's own row, also when it is fenced
 * - `message`, uid, marker → a message with all that is kept of it; `id`, uid, batch, index → its marker
 * - `key`, uid, producer, sequence → the receipt of a post that may be repeated
 * - `due`, tick, then the key of a message or receipt → true: what sweeping looks at
 * - `clock` → the store's time when it was last written to
 */
export class Database {
  private readonly lmdb: RootDatabase<unknown>;
  private last: Promise<unknown> = Promise.resolve();

  /** @param path a file; its folder is made when it is not there */
  constructor(path: string) {
    // Without overlapping, a transaction is over when its pages and then its meta page are synced.
    this.lmdb = open({ path, noSubdir: true, overlappingSync: false });
  }

  /**
   * Does all of the work in one transaction, or none of it. Resolves when it is on the disk; rejects with
   * STORAGE_UNAVAILABLE when that is not known.
   */
  async write<T>(work: () => T): Promise<T> {
    const done = this.lmdb.childTransaction(work);
    this.last = done.catch(() => undefined);
    try {
      return await done;
    } catch (cause) {
      throw new MarconiError('STORAGE_UNAVAILABLE', `LMDB: ${String(cause)}`, { cause });
    }
  }

  /** Reads, at once, at the newest committed moment, also of other processes: a snapshot of this turn may be older. */
  read<T>(work: () => T): T {
    this.lmdb.resetReadTxn();
    return work();
  }

  /** What is kept under the key. */
  get<T>(key: Key): T | undefined {
    return this.lmdb.get(key) as T | undefined;
  }

  /** What is kept under keys that begin with `prefix`, in their order; `from` is the rest of the first key wanted. */
  range<T>(prefix: Key[], from: Key[] = [], options: RangeOptions = {}): Iterable<{ key: Key[]; value: T }> {
    // Bytes sort after all else that these keys are made of.
    const range = { start: [...prefix, ...from], end: [...prefix, Buffer.of(0xff)], ...options };
    return this.lmdb.getRange(range) as Iterable<{ key: Key[]; value: T }>;
  }

  /** Within `write` only. */
  put(key: Key, value: unknown): void {
    void this.lmdb.put(key, value);
  }

  /** Within `write` only. */
  remove(key: Key): void {
    void this.lmdb.remove(key);
  }

  /** Lets what was begun finish, and the file go. */
  async close(): Promise<void> {
    await this.last;
    await this.lmdb.close();
  }
}
