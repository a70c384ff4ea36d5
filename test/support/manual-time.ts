import type { Timers } from '../../src/engine/engine.js';
import type { StoreClock } from '../../src/storage/ports/index.js';

/** Time that stands still until the test moves it: a store clock and the timers of an engine. */
export class ManualTime implements StoreClock {
  readonly skew = 0;
  private planned: { at: number; run: () => void }[] = [];

  constructor(private at = 1_700_000_000_000) {}

  readonly timers: Timers = {
    defer: (run) => {
      setImmediate(run);
    },
    after: (ms, run) => {
      const entry = { at: this.at + ms, run };
      this.planned.push(entry);
      return () => {
        this.planned = this.planned.filter((other) => other !== entry);
      };
    },
  };

  now(): number {
    return this.at;
  }

  /** Moves time and runs what falls due, in order of its time; then lets what it began go on. */
  async advance(ms: number): Promise<void> {
    const until = this.at + ms;
    for (let due = this.next(until); due; due = this.next(until)) {
      this.at = Math.max(this.at, due.at);
      this.planned = this.planned.filter((other) => other !== due);
      due.run();
      await settle();
    }
    this.at = until;
    await settle();
  }

  private next(until: number) {
    return this.planned.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything that was begun go on until it waits for time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
