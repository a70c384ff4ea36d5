import type { ClaimFacts, MessageFacts } from './ledger.js';

/** Everything falls due on whole seconds, rounded up: a claim may live so much longer than its ttl. */
const TICK_MS = 1_000;

/** The moment up to which the claim certainly held the message, whatever the store's clock read within the calls. */
export function certainEnd(claim: ClaimFacts, message: MessageFacts): number {
  let end = claim.from + claim.ttl * 1000;
  for (const { op, from, ending } of claim.renewals) {
    const renewed = from + op.ttl * 1000;
    if (ending.kind === 'ok' && ending.result.renewed) end = renewed;
    else if (ending.kind === 'unknown') end = Math.min(end, renewed);
  }
  for (const { from, ending } of claim.releases) if (ending.kind !== 'failed') end = Math.min(end, from);
  for (const { from, outcome } of message.removals) if (outcome !== 'refused') end = Math.min(end, from);
  return end;
}

/** The moment from which the claim was certainly over: released, or past its latest end. */
export function certainlyOver(claim: ClaimFacts): number {
  const released = claim.releases.filter(({ ending }) => ending.kind === 'ok').map(({ to }) => to);
  const renewals = claim.renewals.filter(({ ending }) => ending.kind !== 'failed');
  const ends = renewals.map(({ op, to }) => to + op.ttl * 1000 + TICK_MS);
  return Math.min(Math.max(claim.to + claim.ttl * 1000 + TICK_MS, ...ends), ...released);
}

/** The moment from which the message was certainly expired, if no claim in doubt lengthened its life. */
export function certainlyExpired({ post, takings }: MessageFacts): number {
  const lengthened = takings.flatMap(({ claim }) => [
    claim.to + (claim.ttl + claim.grace) * 1000 + TICK_MS,
    ...claim.renewals.map(({ op, to }) => to + (op.ttl + op.grace) * 1000 + TICK_MS),
  ]);
  return Math.max(post.answered + post.ttl * 1000 + TICK_MS, ...lengthened);
}
