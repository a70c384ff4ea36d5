import { pragmaValue } from '../db/connect.js';
import type { Db, OpenDb } from '../db/port.js';
import { inconsistencies } from './consistency.js';
import { databaseBytes, lookInto } from './look.js';

/** What a check found. */
export interface CheckReport {
  readonly path: string;
  readonly schemaVersion: number;
  /** Queues that have a name. */
  readonly queues: number;
  /** Messages stored, expired ones that are not swept included. */
  readonly messages: number;
  readonly bytes: number;
  /** What is wrong, one line each; empty when nothing is. */
  readonly problems: readonly string[];
}

/**
 * Checks a database, also while a server uses it: SQLite's integrity check, then that all counters, bounds, bodies and
 * claims agree. Throws STORAGE_UNAVAILABLE when it cannot be opened or is not ours; damage is reported, not thrown.
 */
export function checkDatabase(openDb: OpenDb, path: string): CheckReport {
  return lookInto(openDb, path, (db) => {
    db.exec('BEGIN');
    return examine(db, path);
  });
}

function examine(db: Db, path: string): CheckReport {
  const count = (sql: string): number => db.prepare<{ n: number }>(sql).get()?.n ?? 0;
  return {
    path,
    schemaVersion: Number(pragmaValue(db, 'user_version')),
    bytes: databaseBytes(db),
    ...guarded(() => ({
      queues: count('SELECT count(*) AS n FROM queues'),
      messages: count('SELECT count(*) AS n FROM messages'),
      problems: problemsOf(db),
    })),
  };
}

/** A page that cannot be read ends the examination, and is what it found. */
function guarded(look: () => Pick<CheckReport, 'queues' | 'messages' | 'problems'>): ReturnType<typeof look> {
  try {
    return look();
  } catch (error) {
    return { queues: 0, messages: 0, problems: [`it cannot be read to its end: ${(error as Error).message}`] };
  }
}

function problemsOf(db: Db): readonly string[] {
  const found = db.pragma('integrity_check(100)').map((row) => String(Object.values(row)[0]));
  const damage = found.filter((line) => line !== 'ok');
  if (damage.length > 0) return damage;
  return inconsistencies(db, db.prepare<{ value: number }>('SELECT value FROM meta').get()?.value ?? 0);
}
