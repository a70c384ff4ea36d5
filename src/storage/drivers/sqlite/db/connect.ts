import { MarconiError } from '../../../../errors/marconi-error.js';
import { WAL_KEPT, type FileOptions } from '../options.js';
import type { Db, OpenDb, SqlValue } from './port.js';

/** Milliseconds that a connection waits for another one's lock. */
const BUSY_MS = 5_000;

/** The first value that a pragma answers. */
export function pragmaValue(db: Db, text: string): SqlValue | undefined {
  return Object.values(db.pragma(text)[0] ?? {})[0];
}

/** KiB of pages that each connection keeps in memory; the rest is in the system's cache, a copy away. */
const CACHE_KIB = 16_384;

function prepareConnection(db: Db): void {
  // Memory-mapped reads turn an I/O error into a signal; temporary files would need room on a full disk.
  const settings = ['mmap_size = 0', 'temp_store = MEMORY', 'trusted_schema = OFF', `cache_size = -${CACHE_KIB}`];
  for (const setting of settings) db.pragma(setting);
}

/**
 * A connection that may write: WAL and the durability asked for, both read back. Rejects with STORAGE_UNAVAILABLE when
 * SQLite does not confirm them. Checkpoints are left to the keeper.
 */
export function connectWriter(openDb: OpenDb, { path, synchronous }: Pick<FileOptions, 'path' | 'synchronous'>): Db {
  const db = openDb(path, { mustExist: true, readonly: false, busyMs: BUSY_MS });
  try {
    prepareConnection(db);
    confirm(db, 'journal_mode', 'WAL', 'wal');
    confirm(db, 'synchronous', synchronous.toUpperCase(), synchronous === 'full' ? 2 : 1);
    db.pragma('wal_autocheckpoint = 0');
    db.pragma(`journal_size_limit = ${WAL_KEPT}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection that reads committed moments beside the writer. */
export function connectReader(openDb: OpenDb, path: string): Db {
  const db = openDb(path, { mustExist: true, readonly: false, busyMs: BUSY_MS });
  prepareConnection(db);
  db.pragma('query_only = ON');
  return db;
}

function confirm(db: Db, name: string, value: string, expected: SqlValue): void {
  db.pragma(`${name} = ${value}`);
  const found = pragmaValue(db, name);
  if (found === expected) return;
  throw new MarconiError(
    'STORAGE_UNAVAILABLE',
    `SQLite did not take ${name} = ${value} (it says ${String(found)}): put the database on a local file system.`,
  );
}
