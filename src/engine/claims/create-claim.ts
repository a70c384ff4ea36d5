import type { Millis } from '../../domain/time.js';
import type { QueueRef, StoredClaim } from '../../storage/ports/index.js';
import type { At, CallContext, ClaimRequest, Claims } from '../api.js';
import type { EngineParts } from '../parts.js';

/** How often one waiting request tries at the most: a bound on its work, far above what waking brings about. */
const MAX_TRIES = 1_000;

/** Claims the first claimable messages, waiting for them if asked (semantics C1 to C5). */
export function createClaim(parts: EngineParts): Claims['create'] {
  const { storage, commit, directory, waiters, ids, settings, gate } = parts;
  const { clock } = storage;

  function tryClaim(queue: QueueRef, { ttl, grace, limit }: ClaimRequest) {
    const claim = ids.claim();
    return commit.submit({
      kind: 'claimNext',
      queue,
      claim,
      ttl,
      grace,
      limit,
      maxBytes: settings.maxResponseBytes,
    });
  }

  async function waitAndClaim(queue: QueueRef, request: ClaimRequest, until: Millis, signal: AbortSignal | undefined) {
    const waiter = waiters.enter(queue.uid, Math.max(0, until - clock.now()), signal);
    let taken = 0;
    try {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const outcome = await tryClaim(queue, request);
        if (outcome.kind !== 'none') {
          if (outcome.kind === 'claimed') taken = outcome.claim.messages.length;
          else waiters.end(queue.uid);
          return outcome;
        }
        const heldForMs = outcome.nextAt === null ? null : outcome.nextAt * 1000 - clock.now();
        if ((await waiter.park(heldForMs)) === 'over') return outcome;
      }
      return { kind: 'none', nextAt: null } as const;
    } finally {
      waiter.leave(taken > 0);
      // A full claim may have left something for the next in line.
      if (taken >= request.limit) waiters.notify(queue.uid, 1);
    }
  }

  return async (ctx: CallContext, queue: string, request: ClaimRequest): Promise<At<StoredClaim | null>> => {
    gate.assertOpen();
    // One wait in all, also when the queue is deleted and made anew meanwhile.
    const until = clock.now() + request.waitMs;
    const outcome = await directory.use(ctx.scope, queue, (ref) =>
      request.waitMs > 0 ? waitAndClaim(ref, request, until, ctx.signal) : tryClaim(ref, request),
    );
    if (outcome?.kind !== 'claimed') return { value: null, now: clock.now() };
    return { value: outcome.claim, now: Math.max(clock.now(), outcome.claim.since) };
  };
}
