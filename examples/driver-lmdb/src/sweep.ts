import {
  currentTick,
  isVisible,
  type Millis,
  type SweepReport,
  type WholeKey,
  type WholeMessage,
} from 'marconi/storage';
import type { Key } from 'lmdb';
import type { Database } from './database.js';
import { idKey } from './queue.js';

/**
 * Frees what is over, within a transaction and at most about `budget` rows. What comes due has an entry under its tick;
 * so has a fenced incarnation, whose rows may go at once.
 */
export function sweep(db: Database, now: Millis, budget: number): SweepReport {
  const due = [...db.range<true>(['due'], [], { end: ['due', currentTick(now) + 1], limit: budget })];
  let freed = 0;
  for (const { key } of due) {
    if (freed >= budget) break;
    const [, , kind, uid, ...rest] = key as [string, number, string, string, ...Key[]];
    if (kind === 'fenced') freed += freeFenced(db, uid, budget - freed, key);
    else {
      freed += kind === 'message' ? freeMessage(db, uid, rest, now) : freeKey(db, uid, rest, now);
      db.remove(key);
    }
  }
  return { freed, more: freed >= budget || due.length >= budget };
}

/** A life that was lengthened has another entry, later. */
function freeMessage(db: Database, uid: string, rest: Key[], now: Millis): number {
  const message = db.get<WholeMessage>(['message', uid, ...rest]);
  if (!message || isVisible(message, now)) return 0;
  db.remove(['message', uid, ...rest]);
  db.remove(idKey(uid, message.id));
  return 1;
}

/** A key that was used anew has another entry, later. */
function freeKey(db: Database, uid: string, rest: Key[], now: Millis): number {
  const record = db.get<WholeKey>(['key', uid, ...rest]);
  if (!record || record.until > currentTick(now)) return 0;
  db.remove(['key', uid, ...rest]);
  return 1;
}

/** The entry goes with the last of the rows. */
function freeFenced(db: Database, uid: string, budget: number, entry: Key[]): number {
  const rows = ['message', 'id', 'key'].flatMap((kind) => [...db.range([kind, uid], [], { limit: budget })]);
  for (const { key } of rows.slice(0, budget)) db.remove(key);
  if (rows.length <= budget) db.remove(entry);
  return Math.min(rows.length, budget);
}
