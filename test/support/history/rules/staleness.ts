import type { Ledger, MessageFacts, RemovalAttempt, Taking } from '../ledger.js';
import { certainlyExpired, certainlyOver } from '../lease.js';
import type { Finding } from '../violation.js';

/** An ended claim is never honoured, an expired message never served (P4, P5). */
export function* staleness(ledger: Ledger): Generator<Finding> {
  for (const message of ledger.messages.values()) {
    for (const removal of message.removals)
      if (removal.outcome === 'removed' && isStale(ledger, message, removal))
        yield { rule: 'stale accepted', what: `"${message.value}" was removed with ${removal.claim}, which was over` };
    if (!ledger.claimInDoubt && message.lastShown > certainlyExpired(message))
      yield { rule: 'expired served', what: `"${message.value}" was shown after its life` };
  }
  for (const { op, from, ending } of ledger.renewals) {
    const claim = ledger.claims.get(op.claim);
    if (!claim || ending.kind !== 'ok' || !ending.result.renewed) continue;
    const earlier = claim.renewals.filter((other) => other.from < from);
    if (certainlyOver({ ...claim, renewals: earlier }) < from)
      yield { rule: 'stale accepted', what: `${op.claim} was renewed after its end` };
  }
}

function isStale({ claims }: Ledger, { takings }: MessageFacts, { claim: id, from }: RemovalAttempt): boolean {
  const claim = id === null ? undefined : claims.get(id);
  if (!claim) return false;
  if (certainlyOver(claim) < from) return true;
  const own = takings.find((taking) => taking.claim === claim);
  return own !== undefined && takings.some((other) => isLater(other, own, from));
}

/**
 * True when the other claim took the message after this one, and before the removal: epochs alone say so, since nobody
 * takes what was removed; times do when the one ended before the next was called.
 */
function isLater(other: Taking, own: Taking, removal: number): boolean {
  if (other.epoch !== undefined && own.epoch !== undefined) return other.epoch > own.epoch;
  return other.claim.from > own.claim.to && other.claim.to < removal;
}
