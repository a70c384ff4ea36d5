import type { Storage } from '../storage/ports/index.js';

/** A storage that a driver has made for the suite. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Closes the storage and opens it again on the same data; null when nothing outlives closing. */
  readonly reopen: (() => Promise<Storage>) | null;
  /**
   * Opens one more instance on the same data, as another process would, while the first is in use; a storage that says
   * it is shared has it. The suite closes the instance before it reopens or disposes.
   */
  readonly second?: () => Promise<Storage>;
  /**
   * Ends the storage as a crash of its process would, with calls under way, and opens it again on what is left. Left out
   * by a driver that cannot do so within one process.
   */
  readonly crash?: () => Promise<Storage>;
  /** Closes the storage, as it was last opened, and removes what it left; called once, also after a failed case. */
  readonly dispose: () => Promise<void>;
}

/** What a driver hands to the suite: how to make a new, empty storage. Several may be in use at once. */
export interface StorageFactory {
  readonly create: () => Promise<StorageUnderTest>;
}
