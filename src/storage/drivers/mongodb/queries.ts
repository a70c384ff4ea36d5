import { currentTick, type Millis, type Tick } from '../../../domain/time.js';
import type { Marker } from '../../../domain/marker.js';
import type { Filter } from './collection.js';
import { FREE } from './documents.js';
import type { OverDue } from './ended-ticks.js';

/** Everything but the body: what a message is judged by. */
export const FACTS = { body: 0 } as const;

/** Ids in one query at the most. */
export const IDS_A_QUERY = 1_000;

/** In marker order. */
export const BY_MARKER = { k: 1 } as const;

/** Messages after a marker that nothing holds, in the index `due`; in `marker` when what is over cannot be named. */
export function freeAfter(uid: string, after: Marker, over: OverDue, tick: Tick, now: Millis): Filter {
  const due = over === null ? { $gte: FREE, $lte: tick } : { $in: over };
  return { uid, due, k: { $gt: after }, exp: { $gt: new Date(now) } };
}

/** All visible messages after a marker, in the index `marker`. */
export function visibleAfter(uid: string, after: Marker, now: Millis): Filter {
  return { uid, k: { $gt: after }, due: { $gte: FREE }, exp: { $gt: new Date(now) } };
}

/** Visible messages by id. */
export function visibleById(uid: string, ids: readonly string[], now: Millis): Filter {
  return { uid, _id: { $in: ids }, due: { $gte: FREE }, exp: { $gt: new Date(now) } };
}

/** Messages under live claims, in the index `claim`. */
export function heldBy(uid: string, claims: readonly string[], now: Millis): Filter {
  return { uid, cl: { $in: claims }, due: { $gt: currentTick(now) }, exp: { $gt: new Date(now) } };
}

/** Runs a query by ids in parts of a bounded size, side by side. */
export async function inParts<T>(
  ids: readonly string[],
  find: (part: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const parts: (readonly string[])[] = [];
  for (let from = 0; from < ids.length; from += IDS_A_QUERY) parts.push(ids.slice(from, from + IDS_A_QUERY));
  return (await Promise.all(parts.map(find))).flat();
}
