import { ConfigError } from '../config/index.js';
import { redactUri } from '../domain/redact-uri.js';
import { parseStorageUri } from '../config/storage-uri.js';

/** The database file that the settings name. Throws ConfigError for a storage without a file. */
export function databaseFile(storage: string): string {
  const uri = parseStorageUri(storage);
  if (uri?.driver === 'sqlite') return uri.path;
  throw new ConfigError([
    `storage: expected sqlite:PATH, got ${redactUri(storage)}: only a SQLite file can be checked or copied`,
  ]);
}
