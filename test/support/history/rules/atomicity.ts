import { earliestGone, type Ledger, type MessageFacts, type PageFacts } from '../ledger.js';
import type { Finding } from '../violation.js';

/** A page that shows a message of a post shows its neighbours in that post too, unless they may be gone (P2, F4). */
export function* atomicity(ledger: Ledger): Generator<Finding> {
  for (const page of ledger.pages) {
    const { op, sightings, to } = page;
    if (op.kind === 'claim' || (op.kind === 'list' && !op.all)) continue;
    for (let index = 0; index < sightings.length; index++) {
      const message = ledger.of(sightings[index]!);
      if (!message) continue;
      for (const step of [1, -1]) {
        const neighbour = message.post.messages[message.index + step];
        if (!neighbour || earliestGone(neighbour) <= to) continue;
        if (isCutOff(page, index + step) || isShownAt(ledger, page, index + step, neighbour)) continue;
        yield { rule: 'split', what: `"${message.value}" was shown without "${neighbour.value}" of the same post` };
      }
    }
  }
}

/** True where the page's edge hides what comes next: its limit, or the place where the page before it ended. */
function isCutOff({ op, sightings }: PageFacts, index: number): boolean {
  if (op.kind !== 'list') return false;
  return index < 0 || (index >= sightings.length && sightings.length >= op.limit);
}

function isShownAt(ledger: Ledger, { sightings }: PageFacts, index: number, message: MessageFacts): boolean {
  const sighting = sightings[index];
  return sighting !== undefined && ledger.of(sighting) === message;
}
