import type { Ledger, MessageFacts, Taking } from '../ledger.js';
import { certainEnd } from '../lease.js';
import type { Finding } from '../violation.js';

/** At most one live claim holds a message, and each taking has a higher epoch than the one before (P4). */
export function* exclusivity({ messages }: Ledger): Generator<Finding> {
  for (const message of messages.values()) {
    if (message.takings.length < 2) continue;
    const takings = [...message.takings].sort((a, b) => a.claim.to - b.claim.to);
    yield* overlaps(message, takings);
    yield* epochs(message, takings);
  }
}

/** Neighbours in time are enough: if they do not overlap, no others do. */
function* overlaps(message: MessageFacts, takings: readonly Taking[]): Generator<Finding> {
  for (let index = 1; index < takings.length; index++) {
    const [one, two] = [takings[index - 1]!, takings[index]!];
    if (collides(message, one, two) && collides(message, two, one))
      yield { rule: 'double claim', what: `"${message.value}" is under ${one.claim.id} and ${two.claim.id} at once` };
  }
}

/** True when `second` cannot have come after `first` without a time under both. */
function collides(message: MessageFacts, first: Taking, second: Taking): boolean {
  const impossible = second.claim.to < first.claim.from || comesAfter(first, second);
  return impossible || second.claim.to < certainEnd(first.claim, message);
}

function comesAfter(one: Taking, two: Taking): boolean {
  return one.epoch !== undefined && two.epoch !== undefined && one.epoch > two.epoch;
}

function* epochs(message: MessageFacts, takings: readonly Taking[]): Generator<Finding> {
  const known = takings.filter(({ epoch }) => epoch !== undefined).sort((a, b) => a.epoch! - b.epoch!);
  let latestCall = -Infinity;
  for (let index = 0; index < known.length; index++) {
    const { epoch, claim } = known[index]!;
    if (epoch === known[index - 1]?.epoch || latestCall > claim.to)
      yield {
        rule: 'epoch',
        what: `"${message.value}" was taken with epoch ${epoch} after it had that or a higher one`,
      };
    latestCall = Math.max(latestCall, claim.from);
  }
}
