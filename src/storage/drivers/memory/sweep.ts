import { isVisible } from '../../../domain/life.js';
import { isDue, type Millis } from '../../../domain/time.js';
import type { Incarnation } from './incarnation.js';

/** Frees expired messages, ended claims and old producer keys, at most `budget` of them; tells how many. */
export function sweepIncarnation({ messages, claims, keys }: Incarnation, now: Millis, budget: number): number {
  const over = [
    ...matching(messages, (message) => !isVisible(message, now)),
    ...matching(claims, (claim) => isDue(claim.ends, now)),
    ...matching(keys, (record) => isDue(record.until, now)),
  ].slice(0, Math.max(0, budget));
  for (const free of over) free();
  return over.length;
}

function matching<T>(map: Map<string, T>, isOver: (value: T) => boolean): readonly (() => void)[] {
  return [...map]
    .filter(([, value]) => isOver(value))
    .map(
      ([key]) =>
        () =>
          void map.delete(key),
    );
}
