import type { Tick } from '../../../../domain/time.js';
import type { Db, Statement } from '../db/port.js';

/** What falls due at a tick: a message's life, or what holds it. */
export const TickKind = { EXPIRES: 0, HELD: 1 } as const;
export type TickKind = (typeof TickKind)[keyof typeof TickKind];

/** A tick that has come and is not swept. */
export interface DueTick {
  readonly q: number;
  readonly kind: TickKind;
  readonly tick: Tick;
  readonly n: number;
}

/** Counts, per queue, of what falls due when (design, Clock): the counters less what is due are exact at once. */
export class TickTable {
  private readonly addTo: Statement<{ n: number }>;
  private readonly drop: Statement;
  private readonly dueSum: Statement<{ n: number }>;
  private readonly nextTick: Statement<{ tick: number | null }>;
  private readonly dueRows: Statement<DueTick>;

  constructor(db: Db) {
    this.addTo = db.prepare(
      'INSERT INTO ticks (q, kind, tick, n) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT (q, kind, tick) DO UPDATE SET n = n + excluded.n RETURNING n',
    );
    this.drop = db.prepare('DELETE FROM ticks WHERE q = ? AND kind = ? AND tick = ?');
    this.dueSum = db.prepare('SELECT coalesce(sum(n), 0) AS n FROM ticks WHERE q = ? AND kind = ? AND tick <= ?');
    this.nextTick = db.prepare('SELECT min(tick) AS tick FROM ticks WHERE q = ? AND kind = ? AND tick > ?');
    this.dueRows = db.prepare('SELECT q, kind, tick, n FROM ticks WHERE tick <= ? ORDER BY tick LIMIT ?');
  }

  /** Adds to a count; one that reaches 0 is dropped. */
  add(q: number, kind: TickKind, tick: Tick, delta: number): void {
    if (this.addTo.get(q, kind, tick, delta)?.n === 0) this.drop.run(q, kind, tick);
  }

  remove(q: number, kind: TickKind, tick: Tick): void {
    this.drop.run(q, kind, tick);
  }

  /** How many are due at `tick` and not swept. */
  due(q: number, kind: TickKind, tick: Tick): number {
    return this.dueSum.get(q, kind, tick)?.n ?? 0;
  }

  /** The first tick after the given one at which something falls due. */
  next(q: number, kind: TickKind, after: Tick): Tick | null {
    return this.nextTick.get(q, kind, after)?.tick ?? null;
  }

  /** What is due at `tick` in any queue, longest due first. */
  allDue(tick: Tick, limit: number): DueTick[] {
    return this.dueRows.all(tick, limit);
  }
}
