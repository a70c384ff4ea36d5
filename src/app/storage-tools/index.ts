import { ConfigError, type Settings } from '../../config/index.js';
import { parseStorageUri } from '../../config/storage-uri.js';
import { redactUri } from '../../domain/redact-uri.js';
import type { StorageTools } from './tools.js';

export type { BackupFiles, StorageTools, ToolReport } from './tools.js';

/** The upkeep of the storage that the settings name. Rejects with ConfigError for one that has none. */
export async function storageTools(settings: Settings): Promise<StorageTools> {
  const { storage } = settings;
  const uri = parseStorageUri(storage);
  switch (uri?.driver) {
    case 'sqlite':
      return (await import('./sqlite-tools.js')).sqliteTools(uri.path);
    case 'mongodb':
      return (await import('./mongodb-tools.js')).mongodbTools(uri.uri, uri.database, settings);
    default:
      throw new ConfigError([`storage: ${redactUri(storage)} is kept nowhere: name the storage of a server`]);
  }
}
