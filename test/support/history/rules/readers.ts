import { groupBy } from '../grouping.js';
import { earliestGone, isEffective, type Ledger, type MessageFacts, type PageFacts } from '../ledger.js';
import type { Finding } from '../violation.js';

/** A reader that keeps its marker is shown nothing twice and, when it asked for all, misses nothing (P3, F3). */
export function* readers(ledger: Ledger): Generator<Finding> {
  const lists = ledger.pages.filter(({ op }) => op.kind === 'list');
  const pages = groupBy(lists, ({ op }) => (op.kind === 'list' ? op.reader : ''));
  for (const [reader, own] of pages) {
    const seen = new Set<string>();
    for (const { id, value } of own.flatMap(({ sightings }) => sightings)) {
      if (seen.has(id)) yield { rule: 'repeated', what: `${reader} was shown "${value}" twice` };
      seen.add(id);
    }
    if (own.every(({ op }) => op.kind === 'list' && op.all)) yield* missed(reader, own, seen, ledger);
  }
}

function* missed(reader: string, pages: readonly PageFacts[], seen: Set<string>, ledger: Ledger): Generator<Finding> {
  const ends = pages.filter(({ sightings }) => sightings.length === 0);
  const reached = furthest(pages);
  for (const message of ledger.messages.values()) {
    if (!isEffective(message.post) || [...message.ids].some((id) => seen.has(id))) continue;
    const passed = Math.min(endAfter(ends, message), pageBeyond(pages, reached, message));
    if (passed < earliestGone(message))
      yield { rule: 'missed', what: `${reader} went past "${message.value}" by ${passed} and was not shown it` };
  }
}

/** The largest marker that the reader had been shown after each page. */
function furthest(pages: readonly PageFacts[]): readonly number[] {
  let most = -Infinity;
  return pages.map(({ sightings }) => (most = Math.max(most, ...sightings.map(({ marker }) => marker ?? -Infinity))));
}

/** When the reader first came to the end after the post was answered; Infinity when it never did. */
function endAfter(ends: readonly PageFacts[], { post }: MessageFacts): number {
  return ends[firstIndex(ends.length, (index) => ends[index]!.from >= post.answered)]?.to ?? Infinity;
}

/** When the reader was first shown a message that lies behind this one; Infinity when it never was. */
function pageBeyond(pages: readonly PageFacts[], reached: readonly number[], { marker }: MessageFacts): number {
  if (marker === undefined) return Infinity;
  return pages[firstIndex(pages.length, (index) => reached[index]! > marker)]?.to ?? Infinity;
}

/** The first index for which a condition holds that, once it does, goes on holding; `length` when it never does. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
