import { ConfigError, type Settings } from '../../config/index.js';
import { parseStorageUri } from '../../config/storage-uri.js';
import { redactUri } from '../../domain/redact-uri.js';
import type { StorageTools } from './tools.js';

export type { BackupFiles, StorageTools, ToolReport } from './tools.js';

/** The upkeep of the storage that the settings name. Rejects with ConfigError for one that has none. */
export async function storageTools({ storage }: Settings): Promise<StorageTools> {
  const uri = parseStorageUri(storage);
  if (uri?.driver === 'sqlite') return (await import('./sqlite-tools.js')).sqliteTools(uri.path);
  throw new ConfigError([`storage: ${redactUri(storage)} is kept nowhere, or has tools of its own`]);
}
