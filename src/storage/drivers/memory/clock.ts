import type { StoreClock } from '../../ports/index.js';

/** Wall time at start, advanced monotonically: never goes back while the process lives. Whole milliseconds. */
export function monotonicClock(): StoreClock {
  const origin = Date.now() - performance.now();
  return { now: () => Math.floor(origin + performance.now()), skew: 0 };
}
