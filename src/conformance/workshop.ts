import type { StorageFactory, StorageUnderTest } from './factory.js';

/** Makes storages for a case, and disposes of all of them when the case is over. */
export class Workshop {
  private readonly made: StorageUnderTest[] = [];

  constructor(private readonly factory: StorageFactory) {}

  /** A new, empty storage of the driver under test. */
  async create(): Promise<StorageUnderTest> {
    const made = await this.factory.create();
    this.made.push(made);
    return made;
  }

  /** Disposes of every storage, also when one of them fails to go; rejects with the first failure. */
  async dispose(): Promise<void> {
    const ends = await Promise.allSettled(this.made.splice(0).map((made) => made.dispose()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
