import type { Tick } from '../../../../domain/time.js';
import { FAN_OUT, LEVELS, type BlockTable, type Bounds } from '../tables/blocks.js';

/** The smaller and the greater of two posters, as SQLite compares them. */
function span(a: Bounds, b: Bounds): Pick<Bounds, 'posterLo' | 'posterHi'> {
  return {
    posterLo: Buffer.compare(a.posterLo, b.posterLo) <= 0 ? a.posterLo : b.posterLo,
    posterHi: Buffer.compare(a.posterHi, b.posterHi) >= 0 ? a.posterHi : b.posterHi,
  };
}

function union(a: Bounds, b: Bounds): Bounds {
  return {
    dueMin: Math.min(a.dueMin, b.dueMin),
    expiresMin: Math.min(a.expiresMin, b.expiresMin),
    expiresMax: Math.max(a.expiresMax, b.expiresMax),
    ...span(a, b),
  };
}

interface Widening {
  readonly level: number;
  readonly block: number;
  bounds: Bounds;
}

/**
 * The changes that a commit makes to the skip index. What a search must not miss is widened before the next search of
 * the queue; what has become too wide is made exact once, at the end, upwards as long as something changes.
 */
export class Summaries {
  private readonly widenings = new Map<number, Map<string, Widening>>();
  private readonly touched = new Map<number, Set<number>>();

  constructor(
    private readonly table: BlockTable,
    private readonly tick: Tick,
  ) {}

  /** A message at `k` is new, or open again. */
  widen(q: number, k: number, bounds: Bounds): void {
    let queue = this.widenings.get(q);
    if (!queue) this.widenings.set(q, (queue = new Map<string, Widening>()));
    let block = k;
    for (let level = 1; level <= LEVELS; level++) {
      block = Math.floor(block / FAN_OUT);
      const key = `${level}:${block}`;
      const known = queue.get(key);
      if (known) known.bounds = union(known.bounds, bounds);
      else queue.set(key, { level, block, bounds });
    }
  }

  /** The message at `k` is gone, or held: the bounds of its block may be too wide. */
  touch(q: number, k: number): void {
    let blocks = this.touched.get(q);
    if (!blocks) this.touched.set(q, (blocks = new Set()));
    blocks.add(Math.floor(k / FAN_OUT));
  }

  /** Makes what this commit opened visible to a search of the queue. */
  settle(q: number): void {
    for (const { level, block, bounds } of this.widenings.get(q)?.values() ?? []) {
      this.table.widen(q, level, block, bounds);
    }
    this.widenings.delete(q);
  }

  /** Makes one block exact, and those above it as far as that changes them. */
  repair(q: number, level: number, block: number): void {
    let at = block;
    for (let up = level; up <= LEVELS; up++) {
      if (!this.table.tighten(q, up, at, this.tick)) return;
      at = Math.floor(at / FAN_OUT);
    }
  }

  /** Writes all that is left. */
  flush(): void {
    for (const q of [...this.widenings.keys()]) this.settle(q);
    for (const [q, blocks] of this.touched) this.tightenAll(q, blocks);
    this.touched.clear();
  }

  private tightenAll(q: number, blocks: ReadonlySet<number>): void {
    let changed = blocks;
    for (let level = 1; level <= LEVELS && changed.size > 0; level++) {
      const parents = new Set<number>();
      for (const block of changed) {
        if (this.table.tighten(q, level, block, this.tick)) parents.add(Math.floor(block / FAN_OUT));
      }
      changed = parents;
    }
  }
}
