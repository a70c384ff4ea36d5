import type { RandomSource } from './deps.js';

/**
 * A span that is `ms` on average, at least half and less than one and a half of it: cores that do the same thing from
 * time to time do not do it in step.
 */
export function jittered(ms: number, random: RandomSource): number {
  return ms * (0.5 + random());
}
