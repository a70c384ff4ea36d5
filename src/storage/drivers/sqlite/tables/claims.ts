import type { Millis, Tick } from '../../../../domain/time.js';
import type { Db, Statement } from '../db/port.js';

/** A claim's row. Whether a message is still under it, the message says. */
export interface ClaimRow {
  readonly q: number;
  readonly id: string;
  ttl: number;
  since: Millis;
  ends: Tick;
  /** The markers of all messages that it took, as a JSON list. */
  readonly members: string;
  /** How many of them have not been deleted under it. */
  remaining: number;
}

/** Claims by queue number and id. */
export class ClaimTable {
  private readonly find: Statement<ClaimRow>;
  private readonly upsert: Statement;
  private readonly deleteOne: Statement;
  private readonly deleteEnded: Statement;
  private readonly deleteOf: Statement;

  constructor(db: Db) {
    this.find = db.prepare('SELECT q, id, ttl, since, ends, members, remaining FROM claims WHERE q = ? AND id = ?');
    this.upsert = db.prepare(
      'INSERT INTO claims (q, id, ttl, since, ends, members, remaining) VALUES (?, ?, ?, ?, ?, ?, ?) ' +
        'ON CONFLICT (q, id) DO UPDATE SET ttl = excluded.ttl, since = excluded.since, ends = excluded.ends, ' +
        'members = excluded.members, remaining = excluded.remaining',
    );
    this.deleteOne = db.prepare('DELETE FROM claims WHERE q = ? AND id = ?');
    this.deleteEnded = db.prepare(
      'DELETE FROM claims WHERE (q, id) IN (SELECT q, id FROM claims WHERE ends <= ? ORDER BY ends LIMIT ?)',
    );
    this.deleteOf = db.prepare('DELETE FROM claims WHERE (q, id) IN (SELECT q, id FROM claims WHERE q = ? LIMIT ?)');
  }

  /** The claim when it lives at `tick` and still holds a message (semantics C5, C9). */
  live(q: number, id: string, tick: Tick): ClaimRow | null {
    const row = this.find.get(q, id);
    return row && row.ends > tick && row.remaining > 0 ? row : null;
  }

  put(row: ClaimRow): void {
    this.upsert.run(row.q, row.id, row.ttl, row.since, row.ends, row.members, row.remaining);
  }

  remove(q: number, id: string): void {
    this.deleteOne.run(q, id);
  }

  /** Frees claims that have ended; gives how many. */
  sweep(tick: Tick, limit: number): number {
    return this.deleteEnded.run(tick, limit).changes;
  }

  /** Frees a queue's claims; gives how many. */
  sweepQueue(q: number, limit: number): number {
    return this.deleteOf.run(q, limit).changes;
  }
}

/** The markers that a claim took. */
export function claimMembers(row: ClaimRow): readonly number[] {
  return JSON.parse(row.members) as number[];
}
