import { certainlyRemoved, earliestGone, isEffective, type Ledger } from '../ledger.js';
import type { Finding } from '../violation.js';

/**
 * What was acknowledged is there at the end, unless someone may have removed it or its life was over; a post in doubt is
 * there as a whole or not at all; what was removed stays removed.
 */
export function* loss({ posts, ended, messages }: Ledger): Generator<Finding> {
  if (ended === null) {
    yield { rule: 'unfinished', what: 'the history has no listing of what is stored at the end' };
    return;
  }
  for (const post of posts.filter(isEffective)) {
    // An answer that came after the end was listed tells nothing about that moment.
    if (post.answered < Infinity && post.answered > ended) continue;
    const rule = post.answered < Infinity ? 'lost' : 'split';
    for (const message of post.messages)
      if (!message.stored && earliestGone(message) > ended)
        yield { rule, what: `"${message.value}" of ${post.client} is not there at the end` };
  }
  for (const message of messages.values()) {
    const missing = message.removals.find(({ outcome, to }) => outcome === 'absent' && to < earliestGone(message));
    if (missing)
      yield { rule: 'lost', what: `"${message.value}" was absent at ${missing.to}, and no one had removed it` };
    const removed = certainlyRemoved(message);
    if (message.lastShown > removed)
      yield {
        rule: 'resurrected',
        what: `"${message.value}" was removed by ${removed}, shown at ${message.lastShown}`,
      };
    const removals = message.removals.filter(({ outcome }) => outcome === 'removed');
    if (removals.length > 1) yield { rule: 'removed twice', what: `"${message.value}", ${removals.length} times` };
  }
}
