import { randomBytes } from 'node:crypto';
import { openMongo, type MongoStorage } from '../../../src/storage/drivers/mongodb/index.js';
import { CommandMonitor } from './command-monitor.js';

/** Commands that may be in flight side by side before one has to wait for a connection to be made. */
const CONNECTIONS = 8;

/** An open storage and the monitor of its commands. */
export interface Watched {
  readonly storage: MongoStorage;
  readonly monitor: CommandMonitor;
  readonly database: string;
}

/** Opens a storage on the server, in a database of its own unless one is named, with connections to spare. */
export async function openWatched(uri: string, database = freshDatabase()): Promise<Watched> {
  const monitor = new CommandMonitor();
  const storage = await openMongo({ uri, database, commands: monitor.listener });
  await Promise.all(Array.from({ length: CONNECTIONS }, () => storage.control.findQueue(null, 'none')));
  return { storage, monitor, database };
}

/** A name that no other database has. */
export function freshDatabase(): string {
  return `marconi-${randomBytes(6).toString('hex')}`;
}
