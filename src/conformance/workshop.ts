import type { Storage } from '../storage/ports/index.js';
import type { StorageFactory, StorageUnderTest } from './factory.js';

/** Makes storages for a case, and disposes of all of them when the case is over. */
export class Workshop {
  private readonly made: StorageUnderTest[] = [];
  private readonly seconds: Storage[] = [];

  constructor(private readonly factory: StorageFactory) {}

  /** A new, empty storage of the driver under test. */
  async create(): Promise<StorageUnderTest> {
    const made = await this.factory.create();
    this.made.push(made);
    return made;
  }

  /** One more instance on the data of that storage, closed when the case is over. */
  async second({ second }: StorageUnderTest): Promise<Storage> {
    if (second === undefined) throw new Error('The factory offers no second instance.');
    const storage = await second();
    this.seconds.push(storage);
    return storage;
  }

  /** Closes and disposes of everything, also when some of it fails to go; rejects with the first failure. */
  async dispose(): Promise<void> {
    await allOf(this.seconds.splice(0).map((storage) => storage.close()));
    await allOf(this.made.splice(0).map((made) => made.dispose()));
  }
}

async function allOf(ends: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(ends);
  const failed = settled.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
