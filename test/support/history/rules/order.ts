import { groupBy } from '../grouping.js';
import type { ClaimFacts, Ledger, MessageFacts, PostFacts } from '../ledger.js';
import type { Finding } from '../violation.js';

/** Messages of one producer are shown on every page, and first taken, in posting order (F1). */
export function* order(ledger: Ledger): Generator<Finding> {
  for (const { sightings, client } of ledger.pages) {
    const last = new Map<string, MessageFacts>();
    for (const sighting of sightings) {
      const message = ledger.of(sighting);
      if (!message) continue;
      const before = last.get(message.post.client);
      if (before && comesBefore(message, before))
        yield { rule: 'fifo', what: `${client} was shown "${before.value}" before "${message.value}"` };
      last.set(message.post.client, message);
    }
  }
  const producers = groupBy(ledger.posts, ({ client }) => client);
  for (const posts of producers.values()) yield* firstTakings(posts, ledger.claimInDoubt);
}

function comesBefore(one: MessageFacts, two: MessageFacts): boolean {
  return one.post === two.post ? one.index < two.index : one.post.answered < two.post.called;
}

/** Walks the posts by their calls and keeps the latest first taking among those that were answered before. */
function* firstTakings(posts: readonly PostFacts[], inDoubt: boolean): Generator<Finding> {
  const answered = [...posts].sort((a, b) => a.answered - b.answered);
  let next = 0;
  let latest = { from: -Infinity, value: '' };
  for (const post of [...posts].sort((a, b) => a.called - b.called)) {
    for (; next < answered.length && answered[next]!.answered < post.called; next++)
      for (const message of answered[next]!.messages) {
        const from = firstTaking(message, inDoubt)?.from ?? -Infinity;
        if (from > latest.from) latest = { from, value: message.value };
      }
    for (const message of post.messages)
      if ((firstTaking(message, inDoubt)?.to ?? Infinity) < latest.from)
        yield { rule: 'fifo', what: `"${message.value}" was taken before "${latest.value}", which was posted earlier` };
  }
}

/** The claim that certainly was the first: of epoch 1; where epochs are not shown, the earliest when none is in doubt. */
function firstTaking({ takings }: MessageFacts, inDoubt: boolean): ClaimFacts | undefined {
  const shown = takings.find(({ epoch }) => epoch === 1);
  if (shown) return shown.claim;
  if (inDoubt || takings.some(({ epoch }) => epoch !== undefined)) return undefined;
  const claims = takings.map(({ claim }) => claim);
  return claims.sort((a, b) => a.from - b.from)[0];
}
