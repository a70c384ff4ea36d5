import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Settings } from '../config/index.js';
import { ConfigError } from '../config/index.js';
import { parseStorageUri } from '../config/storage-uri.js';
import { redactUri } from '../domain/redact-uri.js';
import { openMemory } from '../storage/drivers/memory/index.js';
import { openSqlite } from '../storage/drivers/sqlite/index.js';
import type { Storage, StorageObserver } from '../storage/ports/index.js';
import { watchConnections } from '../telemetry/mongodb-metrics.js';
import type { StorageRoom } from '../telemetry/storage-metrics.js';

/** Opens the storage that the URI names. Rejects with STORAGE_UNAVAILABLE and what to do about it. */
export async function openStorage(settings: Settings, observer: StorageObserver): Promise<Storage> {
  const uri = parseStorageUri(settings.storage);
  if (uri === null) throw new ConfigError([`storage: no driver takes the URI ${redactUri(settings.storage)}`]);
  switch (uri.driver) {
    case 'memory':
      return openMemory({ observer });
    case 'sqlite':
      return openSqlite({ path: uri.path, ...settings.sqlite, observer });
    case 'mongodb': {
      // Loaded when it is asked for: other storages start without it.
      const { openMongo } = await import('../storage/drivers/mongodb/index.js');
      const storage = await openMongo({ uri: uri.uri, database: uri.database, ...settings.mongodb, observer });
      watchConnections(() => storage.pool);
      return storage;
    }
  }
}

/** Reads the room of a storage on its file system; null when it is not in a file. */
export function roomReader(storage: string): (() => Promise<StorageRoom>) | null {
  const uri = parseStorageUri(storage);
  if (uri?.driver !== 'sqlite') return null;
  const { path } = uri;
  return async () => {
    const [{ bavail, bsize }, databaseBytes, walBytes] = await Promise.all([
      statfs(dirname(path)),
      sizeOf(path),
      sizeOf(`${path}-wal`),
    ]);
    return { freeBytes: bavail * bsize, databaseBytes, walBytes };
  };
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.size ?? 0;
}
