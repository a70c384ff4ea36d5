import type { Tick } from '../../../../domain/time.js';
import type { Db, Statement } from '../db/port.js';
import { NEVER } from '../schema/ddl.js';
import type { OpenFilter } from './messages.js';

/** Children of a block; a block of level 1 covers so many markers. */
export const FAN_OUT = 64;

/** Levels of blocks; one of the top level covers 262 144 markers. */
export const LEVELS = 3;

/** What the messages of a block can be: bounds that may be too wide and are never too narrow. */
export interface Bounds {
  readonly dueMin: Tick;
  readonly expiresMin: Tick;
  readonly expiresMax: Tick;
  readonly posterLo: Uint8Array;
  readonly posterHi: Uint8Array;
}

/** What is looked for: messages that pass a filter, or whose life is over at a tick. */
export type BlockTest =
  { readonly kind: 'open'; readonly filter: OpenFilter } | { readonly kind: 'expired'; readonly tick: Tick };

const MAY_BE_OPEN = 'expires_max > ? AND due_min <= ? AND NOT (poster_lo = ? AND poster_hi = poster_lo)';
const CHANGED = ['due_min', 'expires_min', 'expires_max', 'poster_lo', 'poster_hi'];
const differs = CHANGED.map((column) => `${column} IS NOT excluded.${column}`).join(' OR ');
const replace = CHANGED.map((column) => `${column} = excluded.${column}`).join(', ');
const COLUMNS = 'q, level, block, due_min, expires_min, expires_max, poster_lo, poster_hi';

const seek = (test: string, order: 'ASC' | 'DESC') =>
  `SELECT block FROM blocks WHERE q = ? AND level = ? AND block BETWEEN ? AND ? AND ${test}
   ORDER BY block ${order} LIMIT 1`;

const WIDEN = `INSERT INTO blocks (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (q, level, block) DO UPDATE SET
    due_min = min(due_min, excluded.due_min), expires_min = min(expires_min, excluded.expires_min),
    expires_max = max(expires_max, excluded.expires_max), poster_lo = min(poster_lo, excluded.poster_lo),
    poster_hi = max(poster_hi, excluded.poster_hi)
  WHERE due_min > excluded.due_min OR expires_min > excluded.expires_min OR expires_max < excluded.expires_max
    OR poster_lo > excluded.poster_lo OR poster_hi < excluded.poster_hi`;

/** Exact bounds from the rows of `source`; what is over counts for nothing but the sweep. */
const tighten = (source: string, own: { due: string; min: string; max: string; lo: string; hi: string }) =>
  `INSERT INTO blocks (${COLUMNS})
   SELECT ?, ?, ?, coalesce(min(CASE WHEN ${own.max} > ? THEN ${own.due} END), ${NEVER}), min(${own.min}),
     max(${own.max}), coalesce(min(CASE WHEN ${own.max} > ? THEN ${own.lo} END), x''),
     coalesce(max(CASE WHEN ${own.max} > ? THEN ${own.hi} END), x'')
   FROM ${source} HAVING count(*) > 0
   ON CONFLICT (q, level, block) DO UPDATE SET ${replace} WHERE ${differs}`;

const ROWS = 'messages WHERE q = ? AND k BETWEEN ? AND ?';
const CHILDREN = 'blocks WHERE q = ? AND level = ? AND block BETWEEN ? AND ?';

/** The skip index over each queue's messages (ADR 0005). */
export class BlockTable {
  private readonly openForward: Statement<{ block: number }>;
  private readonly openBackward: Statement<{ block: number }>;
  private readonly expiredForward: Statement<{ block: number }>;
  private readonly widenOne: Statement;
  private readonly tightenRows: Statement;
  private readonly tightenChildren: Statement;
  private readonly dropWithoutRows: Statement;
  private readonly dropWithoutChildren: Statement;

  constructor(db: Db) {
    this.openForward = db.prepare(seek(MAY_BE_OPEN, 'ASC'));
    this.openBackward = db.prepare(seek(MAY_BE_OPEN, 'DESC'));
    this.expiredForward = db.prepare(seek('expires_min <= ?', 'ASC'));
    this.widenOne = db.prepare(WIDEN);
    this.tightenRows = db.prepare(
      tighten(ROWS, { due: 'due', min: 'expires', max: 'expires', lo: 'poster', hi: 'poster' }),
    );
    const child = { due: 'due_min', min: 'expires_min', max: 'expires_max', lo: 'poster_lo', hi: 'poster_hi' };
    this.tightenChildren = db.prepare(tighten(CHILDREN, child));
    const drop = 'DELETE FROM blocks WHERE q = ? AND level = ? AND block = ? AND NOT EXISTS (SELECT 1 FROM ';
    this.dropWithoutRows = db.prepare(`${drop}${ROWS})`);
    this.dropWithoutChildren = db.prepare(`${drop}${CHILDREN})`);
  }

  /** The first (backwards: the last) block of the level in a range that may hold what the test looks for. */
  first(q: number, level: number, lo: number, hi: number, test: BlockTest, backwards: boolean): number | null {
    if (test.kind === 'expired') return this.expiredForward.get(q, level, lo, hi, test.tick)?.block ?? null;
    const { tick, dueBy, without } = test.filter;
    const statement = backwards ? this.openBackward : this.openForward;
    return statement.get(q, level, lo, hi, tick, dueBy, without)?.block ?? null;
  }

  /** Widens the block's bounds, or makes it. */
  widen(q: number, level: number, block: number, b: Bounds): void {
    this.widenOne.run(q, level, block, b.dueMin, b.expiresMin, b.expiresMax, b.posterLo, b.posterHi);
  }

  /** Makes the block's bounds exact, as of `tick`, or drops it when it is empty; true when that changed it. */
  tighten(q: number, level: number, block: number, tick: Tick): boolean {
    const lo = block * FAN_OUT;
    const [statement, drop, source] =
      level === 1
        ? [this.tightenRows, this.dropWithoutRows, [q, lo, lo + FAN_OUT - 1]]
        : [this.tightenChildren, this.dropWithoutChildren, [q, level - 1, lo, lo + FAN_OUT - 1]];
    if (statement.run(q, level, block, tick, tick, tick, ...source).changes > 0) return true;
    return drop.run(q, level, block, ...source).changes > 0;
  }
}
