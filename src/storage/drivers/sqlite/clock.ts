import type { Millis } from '../../../domain/time.js';
import type { StoreClock } from '../../ports/index.js';

/**
 * Wall time at the start, and never before `persisted`, moved on by the monotonic clock: steps of the wall clock while
 * the process lives change nothing, and a restart does not go back (design 5, Clock). Whole milliseconds.
 */
export function storeClock(persisted: Millis, wall = Date.now, monotonic = () => performance.now()): StoreClock {
  const origin = Math.max(wall(), persisted) - monotonic();
  return { now: () => Math.floor(origin + monotonic()), skew: 0 };
}
