import type { Millis } from '../../../domain/time.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import type { StoreClock } from '../../ports/index.js';

/** Milliseconds: how far from the server's time a core may believe itself at the most and still take messages. */
export const MAX_ERROR_MS = 500;

/** Milliseconds without a good sighting after which the offset counts as unknown. */
const MAX_AGE_MS = 60_000;

/** How fast two clocks drift apart at the worst: each may be slewed by half a millisecond a second to set it right. */
const DRIFT = 0.001;

/** One look at the server's time, in milliseconds. */
export interface Sighting {
  /** Server's time minus monotonic time. */
  readonly offset: number;
  /** How wrong the offset may be. */
  readonly error: number;
  /** Monotonic time. */
  readonly at: number;
}

/** Asks the server for its time: it was read between question and answer, and cut to whole milliseconds. */
export async function sight(ask: () => Promise<Millis>, monotonic: () => number): Promise<Sighting> {
  const asked = monotonic();
  const told = await ask();
  const at = monotonic();
  return { offset: told - (asked + at) / 2, error: (at - asked) / 2 + 1, at };
}

/**
 * The server's time, from an offset that is measured again and again, moved on by the monotonic clock: the wall clock
 * of the machine has no part in it. Whole milliseconds; never goes back, but stands until the time has caught up.
 */
export class MongoClock implements StoreClock {
  /** Twice what one core may be wrong by. */
  readonly skew = 2 * MAX_ERROR_MS;
  private last: Millis = 0;
  private confirmedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private best: Sighting,
    private readonly monotonic: () => number,
  ) {
    if (isGood(best)) this.confirmedAt = best.at;
  }

  now(): Millis {
    this.last = Math.max(this.last, Math.floor(this.best.offset + this.monotonic()));
    return this.last;
  }

  /** Takes a new sighting in: it replaces the one before when it is at least as sharp, or proves it wrong. */
  sighted(sighting: Sighting): void {
    if (!isGood(sighting)) return;
    this.confirmedAt = sighting.at;
    const error = errorAt(this.best, sighting.at);
    const disproved = Math.abs(sighting.offset - this.best.offset) > error + sighting.error;
    if (disproved || sighting.error <= error) this.best = sighting;
  }

  /** True while the offset is known well enough to take messages by it. */
  get bounded(): boolean {
    return this.trouble() === null;
  }

  /** Why messages must not be taken by this clock, for people; null when they may. */
  trouble(): string | null {
    const monotonic = this.monotonic();
    const age = monotonic - this.confirmedAt;
    if (age > MAX_AGE_MS) {
      return `the database's time was not learnt to within ${MAX_ERROR_MS} ms for ${MAX_AGE_MS / 1000} s or longer`;
    }
    const ahead = Math.max(0, this.last - (this.best.offset + monotonic));
    const error = errorAt(this.best, monotonic) + ahead;
    if (error <= MAX_ERROR_MS) return null;
    return `this core may be ${Math.round(error)} ms from the database's time, which went back or is hard to learn`;
  }

  /** What refuses claims and pops while the clock is not bounded; null when they may go on. */
  readonly mayTake = (): MarconiError | null => {
    const trouble = this.trouble();
    if (trouble === null) return null;
    return new MarconiError('STORAGE_UNAVAILABLE', `No messages are handed out for now: ${trouble}.`, {
      retryAfterMs: 1_000,
    });
  };
}

const isGood = (sighting: Sighting): boolean => sighting.error <= MAX_ERROR_MS;

const errorAt = (sighting: Sighting, monotonic: number): number =>
  sighting.error + Math.max(0, monotonic - sighting.at) * DRIFT;
