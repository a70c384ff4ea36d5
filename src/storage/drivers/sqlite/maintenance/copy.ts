import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { connectReader } from '../db/connect.js';
import type { OpenDb } from '../db/port.js';
import { takeOwnership } from '../files/lock.js';
import { refuseForeign } from '../schema/migrate.js';
import { refusal } from '../schema/open-file.js';
import { checkDatabase, type CheckReport } from './check.js';

/**
 * Writes a copy of the database as of one committed moment, also while a server uses it, and checks the copy.
 * Throws STORAGE_UNAVAILABLE when the target exists, or when the source or the copy is damaged; no target is left then.
 */
export function backupDatabase(openDb: OpenDb, path: string, target: string): CheckReport {
  return place(openDb, resolve(target), (partial) => {
    const db = connectReader(openDb, resolve(path));
    try {
      refuseForeign(db, path);
      // Writing another file is not writing this one, but SQLite refuses it all the same.
      db.pragma('query_only = OFF');
      db.prepare('VACUUM INTO ?').run(partial);
    } finally {
      db.close();
    }
  });
}

/**
 * Puts a checked backup in the place of a database that is not there. Throws STORAGE_UNAVAILABLE when the backup is
 * damaged, when a server holds the target, or when the target exists: nothing is ever overwritten.
 */
export function restoreDatabase(openDb: OpenDb, backup: string, target: string): CheckReport {
  const path = resolve(target);
  refuseDamaged(checkDatabase(openDb, resolve(backup)));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const ownership = takeOwnership(openDb, path);
  try {
    return place(openDb, path, (partial) => copyFileSync(resolve(backup), partial));
  } finally {
    ownership.release();
  }
}

/** Makes a database under a passing name, checks it, makes it durable, and only then gives it its name. */
function place(openDb: OpenDb, target: string, make: (partial: string) => void): CheckReport {
  for (const file of [target, `${target}-wal`]) refuseExisting(file);
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  try {
    // Made here, so that it is ours alone from the start; SQLite fills an empty file.
    closeSync(openSync(partial, 'wx', 0o600));
    make(partial);
    const report = { ...checkDatabase(openDb, partial), path: target };
    refuseDamaged(report);
    sync(partial);
    linkSync(partial, target);
    return report;
  } catch (error) {
    throw refusal(target, error);
  } finally {
    rmSync(partial, { force: true });
    sync(dirname(target));
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function refuseExisting(file: string): void {
  if (!existsSync(file)) return;
  throw new MarconiError('STORAGE_UNAVAILABLE', `${file} exists: move it away, or name another target.`);
}

function refuseDamaged({ path, problems }: CheckReport): void {
  if (problems.length === 0) return;
  const text = `${path} is damaged: ${problems.slice(0, 3).join('; ')}: take another backup.`;
  throw new MarconiError('STORAGE_UNAVAILABLE', text);
}
