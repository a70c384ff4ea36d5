import type { Millis } from '../../../../domain/time.js';
import type { Gone, QueueCursor, QueueRef, QueueStats, WholeQueue } from '../../../ports/index.js';
import type { OpenDb } from '../db/port.js';
import { Reader } from '../reader/reader.js';
import { Snapshots } from '../reader/snapshots.js';
import { Alarm } from '../recovery/alarm.js';
import { databaseBytes, lookInto } from './look.js';

/** A database that is only looked at, also while a server uses it; each answer is of one committed moment. */
export interface SqliteView {
  /** The time at which it was opened, on the storage's clock. */
  readonly now: Millis;
  /** Bytes of the database. */
  readonly bytes: number;
  /** All queues of all projects, in pages. */
  queues(after: QueueCursor | null, limit: number): readonly WholeQueue[];
  stats(queue: QueueRef): QueueStats | Gone;
  close(): void;
}

/** Opens the view. Throws STORAGE_UNAVAILABLE when the database is not there, cannot be read, or is not ours. */
export function viewDatabase(openDb: OpenDb, path: string): SqliteView {
  const bytes = lookInto(openDb, path, databaseBytes);
  const reader = new Reader(new Snapshots(openDb, { path, alarm: Alarm.memory() }));
  const now = Math.max(Date.now(), reader.ping());
  return {
    now,
    bytes,
    queues: (after, limit) => reader.wholeQueues(after, limit),
    stats: (queue) => reader.stats(queue, now),
    close: () => reader.close(),
  };
}
