import type { Storage } from '../../storage/ports/index.js';
import type { Cancel, EngineObserver, RandomSource, Timers } from '../deps.js';
import { jittered } from '../jitter.js';

/** Between two looks for what is due, on average; also after a failure. */
const PAUSE_MS = 1_000;

/** Rows that one round touches: a few milliseconds of the writer, so that commits hardly wait for it (P5). */
const ROWS_PER_ROUND = 256;

/**
 * Frees what is over, in the background, in small rounds. Nothing that is served depends on it. Every core on a shared
 * storage sweeps, each in a time of its own, so that any of them may be missing.
 */
export class Sweeper {
  private cancel: Cancel | null = null;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly storage: Storage,
    private readonly timers: Timers,
    private readonly random: RandomSource,
    private readonly observer: EngineObserver,
  ) {}

  start(): void {
    this.plan(this.pause());
  }

  /** Resolves when the round under way is done; none begins after it. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.round;
  }

  private plan(ms: number): void {
    if (this.stopped) return;
    this.cancel = this.timers.after(ms, () => {
      this.round = this.sweep();
    });
  }

  private async sweep(): Promise<void> {
    try {
      const { messages, clock } = this.storage;
      const report = await messages.sweep(clock.now(), ROWS_PER_ROUND);
      this.observer.swept(report.freed);
      this.plan(report.more ? 0 : this.pause());
    } catch (cause) {
      this.observer.troubled('sweep', cause);
      this.plan(this.pause());
    }
  }

  private pause(): number {
    return jittered(PAUSE_MS, this.random);
  }
}
