import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { connectWriter } from '../db/connect.js';
import { failureKind, sqliteCode } from '../db/failure.js';
import type { Db, OpenDb } from '../db/port.js';
import type { FileOptions } from '../options.js';
import { migrate } from './migrate.js';

/** Makes the folder (mode 0700) and the file (mode 0600) where they are not there. */
export function createFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw unavailable(path, `cannot be written (${(error as Error).message}): make its folder writable.`, error);
  }
}

/**
 * Opens the database for writing and brings it to this program's schema. Refuses, with STORAGE_UNAVAILABLE and what to
 * do, what is no database, corrupt, foreign, newer, or not writable. What it reads does not grow with the content.
 */
export function openFile(openDb: OpenDb, options: FileOptions): Db {
  const { path } = options;
  try {
    const bare = openDb(path, { mustExist: true, readonly: false, busyMs: 5_000 });
    try {
      migrate(bare, path);
    } finally {
      bare.close();
    }
    const db = connectWriter(openDb, options);
    probe(db);
    return db;
  } catch (error) {
    throw refusal(path, error);
  }
}

/** What SQLite threw while a database was opened, as a refusal that says what to do. */
export function refusal(path: string, error: unknown): MarconiError {
  if (error instanceof MarconiError) return error;
  const kind = failureKind(error);
  if (kind === 'corrupt') {
    const advice = 'is damaged, or no SQLite database: restore a backup, or move the file away and start empty.';
    return unavailable(path, advice, error);
  }
  if (kind === 'busy') return unavailable(path, 'is locked by another program: stop that first.', error);
  if (kind === 'full') return unavailable(path, 'cannot be opened, as the disk is full: make room first.', error);
  const why = sqliteCode(error) || (error as Error).message;
  return unavailable(path, `cannot be opened (${why}): see to the disk and to the rights of its folder.`, error);
}

/** Touches the root and the right edge of what matters, so that a cut file is found at once. */
function probe(db: Db): void {
  db.prepare('SELECT value FROM meta').get();
  db.prepare('SELECT max(q) FROM heads').get();
  db.prepare('SELECT max(id) FROM bodies').get();
  db.prepare('SELECT k FROM messages ORDER BY q DESC, k DESC LIMIT 1').get();
  db.prepare('SELECT idx FROM messages INDEXED BY messages_batch ORDER BY q DESC, batch DESC LIMIT 1').get();
  db.prepare('SELECT block FROM blocks ORDER BY q DESC, level DESC, block DESC LIMIT 1').get();
}

function unavailable(path: string, advice: string, cause: unknown): MarconiError {
  return new MarconiError('STORAGE_UNAVAILABLE', `${path} ${advice}`, { cause });
}
