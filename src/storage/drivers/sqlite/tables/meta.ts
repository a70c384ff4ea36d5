import type { Millis } from '../../../../domain/time.js';
import type { Db, Statement } from '../db/port.js';

/** What the file knows about itself. */
export class MetaTable {
  private readonly read: Statement<{ value: number }>;
  private readonly write: Statement;
  private readonly totalChanges: Statement<{ n: number }>;

  constructor(db: Db) {
    this.read = db.prepare("SELECT value FROM meta WHERE name = 'clock'");
    this.write = db.prepare("UPDATE meta SET value = ? WHERE name = 'clock' AND value < ?");
    this.totalChanges = db.prepare('SELECT total_changes() AS n');
  }

  /** The latest time that a commit was made at. */
  get clock(): Millis {
    return this.read.get()?.value ?? 0;
  }

  /** Rows that this connection has changed since it was opened. */
  get changes(): number {
    return this.totalChanges.get()?.n ?? 0;
  }

  /** Moves the time on; never back. */
  advance(now: Millis): void {
    this.write.run(now, now);
  }
}
