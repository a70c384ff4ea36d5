import type { Marker } from '../../../../domain/marker.js';
import type { HeadDoc, LogEntry, LogItem } from '../documents.js';

/** What a head is read for when order is at stake. */
export type Log = Pick<HeadDoc, 'next' | 'log'>;

/** One post of the log and the marker before its first one. */
export interface Placed {
  readonly push: string;
  readonly item: LogItem;
  readonly base: Marker;
}

/**
 * The markers of every post in the log, in order. Positions are counted back from the end, which `next` names: entries
 * only leave at the front and come at the end, so that a post has the same markers in whichever head it is seen.
 */
export function place({ next, log }: Log): readonly Placed[] {
  let base = placedTo({ next, log });
  return log.flatMap((entry) => entry.g.map((item) => advance(entry, item)));

  function advance(entry: LogEntry, item: LogItem): Placed {
    const placed = { push: entry.p, item, base };
    base += item.n;
    return placed;
  }
}

/** The part of the log up to and including the push, or all of it. */
export function upTo<H extends Log>(head: H, push: string | null): readonly Placed[] {
  const placed = place(head);
  if (push === null) return placed;
  return placed.slice(0, placed.map((post) => post.push).lastIndexOf(push) + 1);
}

/** The marker up to which every message has been placed: what comes after it is in the log. */
export function placedTo({ next, log }: Log): Marker {
  return next - log.reduce((sum, { t }) => sum + t, 0);
}
