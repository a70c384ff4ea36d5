import type { Tick } from '../../../../domain/time.js';
import type { TickKind, TickTable } from '../tables/ticks.js';

interface Count {
  readonly kind: TickKind;
  readonly tick: Tick;
  delta: number;
}

/** The changes that a commit makes to the counts of what falls due, summed up and written once. */
export class TickCounts {
  private readonly queues = new Map<number, Map<string, Count>>();

  constructor(private readonly table: TickTable) {}

  add(q: number, kind: TickKind, tick: Tick, delta: number): void {
    let counts = this.queues.get(q);
    if (!counts) this.queues.set(q, (counts = new Map<string, Count>()));
    const key = `${kind}:${tick}`;
    const count = counts.get(key);
    if (count) count.delta += delta;
    else counts.set(key, { kind, tick, delta });
  }

  /** Writes one queue's changes, so that the table can be asked about it. */
  flush(q: number): void {
    for (const { kind, tick, delta } of this.queues.get(q)?.values() ?? []) {
      if (delta !== 0) this.table.add(q, kind, tick, delta);
    }
    this.queues.delete(q);
  }

  flushAll(): void {
    for (const q of [...this.queues.keys()]) this.flush(q);
  }
}
