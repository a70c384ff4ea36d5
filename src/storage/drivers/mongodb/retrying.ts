import { isRetryable } from './errors.js';
import { pause, type Pause } from './pause.js';

/** Tries of one step at the most. */
const TRIES = 5;

/** Milliseconds after which no further try begins: the caller has been told to wait long enough by then. */
const TOTAL_MS = 10_000;

/** What a retry takes from outside, so that tests see no time pass. */
export interface RetryDeps {
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly pause: Pause;
}

/** Time as it passes. */
export const RETRY: RetryDeps = { monotonic: () => performance.now(), pause };

/**
 * Does an idempotent step again while it fails in a way that passes (`isRetryable`), a few times and for a few seconds
 * at the most; rejects as its last try did.
 * @param step told whether an earlier try may have done its work, its answer being lost
 */
export async function retrying<T>(step: (doubtful: boolean) => Promise<T>, deps: RetryDeps = RETRY): Promise<T> {
  const end = deps.monotonic() + TOTAL_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await step(tries > 1);
    } catch (error) {
      if (tries === TRIES || !isRetryable(error) || deps.monotonic() >= end) throw error;
      await deps.pause(tries);
    }
  }
}
