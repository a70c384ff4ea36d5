import type { At, CallContext, ClaimRequest, Claims, StoredClaim } from '../api.js';
import type { EngineParts } from '../parts.js';
import { bytesOf } from '../response-bytes.js';
import { createClaimer } from './claimer.js';

/** Claims the first claimable messages, waiting for them if asked (semantics C1 to C5). */
export function createClaim(parts: EngineParts): Claims['create'] {
  const { storage, directory, settings, gate } = parts;
  const { clock } = storage;
  const claimer = createClaimer(parts);

  return async (ctx: CallContext, queue: string, request: ClaimRequest): Promise<At<StoredClaim | null>> => {
    gate.assertOpen();
    const { ttl, grace, limit, waitMs } = request;
    const take = { ttl, grace, limit, maxBytes: bytesOf(ctx, settings) };
    // One wait in all, also when the queue is deleted and made anew meanwhile.
    const until = clock.now() + waitMs;
    const outcome = await directory.use(ctx.scope, queue, (ref) =>
      waitMs > 0 ? claimer.waitAndClaim(ref, take, until, ctx.signal) : claimer.tryClaim(ref, take),
    );
    if (outcome?.kind !== 'claimed') return { value: null, now: clock.now() };
    return { value: outcome.claim, now: Math.max(clock.now(), outcome.claim.since) };
  };
}
