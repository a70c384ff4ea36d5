import { FAN_OUT, LEVELS, type BlockTable, type BlockTest } from './blocks.js';

/** Called for a block above level 1 whose bounds promised what no child of it holds. */
export type OnTooWide = (level: number, block: number) => void;

/**
 * Finds the blocks of level 1 that may hold what a test looks for, at a cost of levels x fan-out whatever the length of
 * the queue: it goes up where a parent's other children cannot hold it and down again where one can.
 */
export class BlockSearch {
  constructor(
    private readonly blocks: BlockTable,
    private readonly q: number,
    private readonly test: BlockTest,
    private readonly onTooWide: OnTooWide = () => undefined,
  ) {}

  /** The first such block at or after `from`; null when there is none. */
  next(from: number): number | null {
    return this.walk(1, from, false);
  }

  /** The last such block at or before `from`. */
  previous(from: number): number | null {
    return this.walk(1, from, true);
  }

  private walk(level: number, from: number, backwards: boolean): number | null {
    if (level === LEVELS) {
      const [lo, hi] = backwards ? [0, from] : [from, Number.MAX_SAFE_INTEGER];
      return this.blocks.first(this.q, level, lo, hi, this.test, backwards);
    }
    let at = from;
    for (let promised = false; ; promised = true) {
      const parent = Math.floor(at / FAN_OUT);
      const [lo, hi] = backwards ? [parent * FAN_OUT, at] : [at, parent * FAN_OUT + FAN_OUT - 1];
      const hit = this.blocks.first(this.q, level, lo, hi, this.test, backwards);
      if (hit !== null) return hit;
      if (promised) this.onTooWide(level + 1, parent);
      const up = this.walk(level + 1, backwards ? parent - 1 : parent + 1, backwards);
      if (up === null) return null;
      at = backwards ? up * FAN_OUT + FAN_OUT - 1 : up * FAN_OUT;
    }
  }
}
