import type { Cancel, RandomSource, Timers } from '../deps.js';
import { jittered } from '../jitter.js';

/** Between two rounds, on average. */
const ROUND_MS = 250;

/** Rounds between two looks at one queue: about 4 seconds, which is what a lost signal costs a waiter. */
const ROUNDS_BETWEEN_LOOKS = 16;

/** Looks of one round at the most: with more queues than fit, each is looked at more seldom. */
const LOOKS_PER_ROUND = 32;

/**
 * Has every queue that somebody waits for looked at from time to time, however many wait: signals from other processes
 * are only hints, and one may be lost. Costs at most about 128 looks a second, spread over time by when each queue came,
 * and over the cores by chance.
 */
export class Lookout {
  /** The round in which each queue came or was last looked at, the longest ago first. */
  private readonly queues = new Map<string, number>();
  private round = 0;
  private cancel: Cancel | null = null;

  constructor(
    private readonly timers: Timers,
    private readonly random: RandomSource,
    private readonly look: (uid: string) => void,
  ) {}

  /** From now on the queue is looked at. */
  add(uid: string): void {
    this.queues.set(uid, this.round);
    if (this.cancel === null) this.plan();
  }

  /** Nobody waits for the queue any more. */
  remove(uid: string): void {
    this.queues.delete(uid);
    if (this.queues.size > 0) return;
    this.cancel?.();
    this.cancel = null;
  }

  private plan(): void {
    this.cancel = this.timers.after(jittered(ROUND_MS, this.random), () => {
      this.cancel = null;
      this.round++;
      for (const uid of this.due()) this.look(uid);
      if (this.queues.size > 0 && this.cancel === null) this.plan();
    });
  }

  private due(): readonly string[] {
    const due: string[] = [];
    for (const [uid, last] of this.queues) {
      if (due.length === LOOKS_PER_ROUND || this.round - last < ROUNDS_BETWEEN_LOOKS) break;
      due.push(uid);
    }
    for (const uid of due) {
      this.queues.delete(uid);
      this.queues.set(uid, this.round);
    }
    return due;
  }
}
