import type { Storage } from '../storage/ports/index.js';

/** A storage that a driver has made for the suite. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Closes the storage and opens it again on the same data; null when nothing outlives closing. */
  readonly reopen: (() => Promise<Storage>) | null;
  /** Closes the storage and removes what it left. */
  readonly dispose: () => Promise<void>;
}

/** What a driver hands to the suite: how to make a new, empty storage. */
export interface StorageFactory {
  readonly create: () => Promise<StorageUnderTest>;
}
