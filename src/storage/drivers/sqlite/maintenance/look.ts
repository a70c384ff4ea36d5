import { connectReader, pragmaValue } from '../db/connect.js';
import type { Db, OpenDb } from '../db/port.js';
import { refuseForeign } from '../schema/migrate.js';
import { refusal } from '../schema/open-file.js';

/**
 * Looks into a database of ours, also while a server uses it. Throws STORAGE_UNAVAILABLE, and what to do, when it cannot
 * be opened or is not ours.
 */
export function lookInto<T>(openDb: OpenDb, path: string, look: (db: Db) => T): T {
  let db: Db | undefined;
  try {
    db = connectReader(openDb, path);
    refuseForeign(db, path);
    return look(db);
  } catch (error) {
    throw refusal(path, error);
  } finally {
    db?.close();
  }
}

/** Bytes of the database. */
export function databaseBytes(db: Db): number {
  return Number(pragmaValue(db, 'page_count')) * Number(pragmaValue(db, 'page_size'));
}
