import { closeSync, openSync } from 'node:fs';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { failureKind } from '../db/failure.js';
import type { Db, OpenDb } from '../db/port.js';

/** The sole right to serve a database, held until `release` or the death of the process. */
export interface Ownership {
  release(): void;
}

/**
 * Takes the sole right to serve the database at `path`. It is a lock on a file of its own beside it, which the system
 * lets go with the process, so that `storage check` and `storage backup` can read the database meanwhile.
 * Refuses with STORAGE_UNAVAILABLE when another process has it.
 */
export function takeOwnership(openDb: OpenDb, path: string): Ownership {
  let db: Db | undefined;
  try {
    closeSync(openSync(`${path}.lock`, 'a', 0o600));
    db = openDb(`${path}.lock`, { mustExist: true, readonly: false, busyMs: 0 });
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    const advice =
      failureKind(error) === 'busy'
        ? 'is served by another process: stop that one, or name another file as the storage.'
        : `cannot be locked (${(error as Error).message}): make its folder writable.`;
    throw new MarconiError('STORAGE_UNAVAILABLE', `${path} ${advice}`, { cause: error });
  }
  const held = db;
  return { release: () => held.close() };
}
