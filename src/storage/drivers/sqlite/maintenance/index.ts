import { resolve } from 'node:path';
import { openBetter } from '../db/better.js';
import { checkDatabase, type CheckReport } from './check.js';
import { backupDatabase, restoreDatabase } from './copy.js';
import { initDatabase, type InitReport } from './init.js';
import { viewDatabase, type SqliteView } from './view.js';

export type { CheckReport } from './check.js';
export type { InitReport } from './init.js';
export type { SqliteView } from './view.js';

/**
 * Checks a database, also while a server uses it. Throws STORAGE_UNAVAILABLE when it cannot be opened or is not ours;
 * damage is in the report's `problems`.
 */
export function checkSqlite(path: string): CheckReport {
  return checkDatabase(openBetter, resolve(path));
}

/**
 * Makes the database, or brings its schema up to this program's; one that needs neither is left as it is, also while a
 * server uses it. Throws STORAGE_UNAVAILABLE when it cannot be.
 */
export function initSqlite(path: string): InitReport {
  return initDatabase(openBetter, resolve(path));
}

/** Opens a database to be looked at only, also while a server uses it. Throws STORAGE_UNAVAILABLE when it cannot be. */
export function viewSqlite(path: string): SqliteView {
  return viewDatabase(openBetter, resolve(path));
}

/**
 * Backs a database up as of one committed moment, also while a server uses it, and checks the backup.
 * Throws STORAGE_UNAVAILABLE when the target exists or the backup would be damaged.
 */
export function backupSqlite(path: string, target: string): CheckReport {
  return backupDatabase(openBetter, path, target);
}

/**
 * Puts a backup in the place of a database that is not there, and checks it. Throws STORAGE_UNAVAILABLE when a server
 * holds the target, when the target exists, or when the backup is damaged. Time has then gone back to the backup's:
 * markers and epochs given out since are given out again.
 */
export function restoreSqlite(backup: string, target: string): CheckReport {
  return restoreDatabase(openBetter, backup, target);
}
