import type { Millis, Tick } from '../../../../domain/time.js';
import type { OpenQueue } from '../../../ports/index.js';
import type { Db, Statement } from '../db/port.js';

/** A queue incarnation's counters. */
export interface HeadRow {
  readonly q: number;
  /** The marker of its next message. */
  next: number;
  /** Messages that are there, swept or not. */
  total: number;
  /** Messages that a claim holds, or held and nothing has written since. */
  held: number;
  /** Up to this tick the ended holds have been taken off `held`. */
  heldSwept: Tick;
  /** The tick at which it was fenced; null: it is open. */
  fenced: Tick | null;
}

/** Incarnations by uid. A fenced one keeps its row for a while, so that it stays fenced. */
export class HeadTable {
  private readonly byUid: Statement<HeadRow>;
  private readonly byNumber: Statement<HeadRow>;
  private readonly insertOne: Statement;
  private readonly updateOne: Statement;
  private readonly toClean: Statement<{ q: number }>;
  private readonly cleanOne: Statement;
  private readonly forgetOld: Statement;
  private readonly page: Statement<OpenQueue>;

  constructor(db: Db) {
    const select = 'SELECT q, next, total, held, held_swept AS heldSwept, fenced FROM heads';
    this.byUid = db.prepare(`${select} WHERE uid = ?`);
    this.byNumber = db.prepare(`${select} WHERE q = ?`);
    this.insertOne = db.prepare(
      'INSERT INTO heads (uid, opened_at, next, total, held, held_swept, fenced, cleaned) ' +
        'VALUES (?, ?, 1, 0, 0, 0, NULL, 0)',
    );
    this.updateOne = db.prepare(
      'UPDATE heads SET next = ?, total = ?, held = ?, held_swept = ?, fenced = ? WHERE q = ?',
    );
    this.toClean = db.prepare('SELECT q FROM heads WHERE fenced IS NOT NULL AND cleaned = 0 LIMIT 1');
    this.cleanOne = db.prepare('UPDATE heads SET cleaned = 1 WHERE q = ?');
    this.forgetOld = db.prepare(
      'DELETE FROM heads WHERE q IN (SELECT q FROM heads WHERE cleaned = 1 AND fenced <= ? LIMIT ?)',
    );
    this.page = db.prepare(
      'SELECT uid, opened_at AS openedAt FROM heads WHERE fenced IS NULL AND uid > ? ORDER BY uid LIMIT ?',
    );
  }

  find(uid: string): HeadRow | undefined {
    return this.byUid.get(uid);
  }

  numbered(q: number): HeadRow | undefined {
    return this.byNumber.get(q);
  }

  insert(uid: string, openedAt: Millis): HeadRow {
    const q = this.insertOne.run(uid, openedAt).rowid;
    return { q, next: 1, total: 0, held: 0, heldSwept: 0, fenced: null };
  }

  update(head: HeadRow): void {
    this.updateOne.run(head.next, head.total, head.held, head.heldSwept, head.fenced, head.q);
  }

  /** A fenced incarnation of which rows may be left. */
  fencedUnclean(): number | undefined {
    return this.toClean.get()?.q;
  }

  markClean(q: number): void {
    this.cleanOne.run(q);
  }

  /** Forgets incarnations fenced at or before `tick`; gives how many. */
  forget(tick: Tick, limit: number): number {
    return this.forgetOld.run(tick, limit).changes;
  }

  /** Open incarnations in order of uid. */
  openAfter(uid: string, limit: number): OpenQueue[] {
    return this.page.all(uid, limit);
  }
}
