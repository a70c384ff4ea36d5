import type { StorageFactory } from '../../../src/conformance/index.js';
import { openMongo, type MongoOptions, type MongoStorage } from '../../../src/storage/drivers/mongodb/index.js';
import type { Storage } from '../../../src/storage/ports/index.js';
import type { MongoServer } from './mongo-process.js';
import { freshDatabase } from './watched-storage.js';

/** How a stand-in is driven. */
export interface MongoFactoryOptions {
  /** Starts the server once, with the first storage. */
  readonly start: () => Promise<MongoServer>;
  /** Options of the driver that the stand-in needs. */
  readonly tuning?: Partial<MongoOptions>;
  /** False where the server's single updates are not atomic: one instance, one connection, one command at a time. */
  readonly atomic: boolean;
}

/** Storages for the conformance suite, each in a database of its own on one server; `stop` ends the server. */
export function mongoFactory({
  start,
  tuning,
  atomic,
}: MongoFactoryOptions): StorageFactory & { stop(): Promise<void> } {
  let server: Promise<MongoServer> | null = null;

  async function create() {
    const { uri } = await (server ??= start());
    const database = freshDatabase();
    const open = (): Promise<MongoStorage> => openMongo({ uri, database, ...tuning });
    let storage = await open();
    const reopen = async (): Promise<Storage> => {
      await storage.close();
      return (storage = await open());
    };
    const dispose = () => storage.close();
    return { storage, reopen, ...(atomic ? { second: open } : {}), dispose };
  }

  return { create, stop: async () => void (await (await server)?.stop()) };
}
