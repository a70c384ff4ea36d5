import { MarconiError } from '../../errors/marconi-error.js';
import type { AckOutcome, StoredClaim } from '../../storage/ports/index.js';
import type { CallContext, Claims, Found } from '../api.js';
import type { EngineParts } from '../parts.js';
import { bytesOf } from '../response-bytes.js';
import { freeingAt } from './claimer.js';
import { createClaim } from './create-claim.js';

function claimNotFound(claim: string): MarconiError {
  return new MarconiError('CLAIM_NOT_FOUND', `The claim "${claim}" does not exist or has ended.`, {
    metadata: { claim },
  });
}

/** Takes, renews and ends the claims of a queue (semantics section 5). */
export function createClaims(parts: EngineParts): Claims {
  const { storage, commit, directory, waiters, settlements, settings } = parts;
  const { clock, messages: store } = storage;

  async function get(ctx: CallContext, queue: string, claim: string): Promise<Found<StoredClaim>> {
    const now = clock.now();
    const found = await directory.use(ctx.scope, queue, (ref) =>
      store.getClaim(ref, claim, bytesOf(ctx, settings), now),
    );
    if (found?.kind !== 'claim') throw claimNotFound(claim);
    return { value: found.claim, omitted: found.omitted, now };
  }

  async function renew(
    ctx: CallContext,
    queue: string,
    claim: string,
    ttl: number,
    grace: number,
  ): Promise<{ ends: number }> {
    const outcome = await directory.use(ctx.scope, queue, async (ref) => {
      const result = await commit.submit({ kind: 'renewIfLive', queue: ref, claim, ttl, grace });
      if (result.kind === 'renewed') {
        settlements.renewed(ref, claim, result.ends);
        waiters.taken(ref.uid, freeingAt(result.ends, clock));
      }
      return result;
    });
    if (outcome?.kind !== 'renewed') throw claimNotFound(claim);
    return { ends: outcome.ends * 1000 };
  }

  async function release(ctx: CallContext, queue: string, claim: string): Promise<{ released: number }> {
    const outcome = await directory.use(ctx.scope, queue, async (ref) => {
      const result = await commit.submit({ kind: 'releaseIfLive', queue: ref, claim });
      if (result.kind === 'released') waiters.notify(ref.uid, result.count);
      settlements.ended(ref, claim);
      return result;
    });
    return { released: outcome?.kind === 'released' ? outcome.count : 0 };
  }

  async function acknowledge(
    ctx: CallContext,
    queue: string,
    claim: string,
    ids: readonly string[],
  ): Promise<readonly AckOutcome[]> {
    const outcome = await directory.use(ctx.scope, queue, async (ref) => {
      const result = await commit.submit({ kind: 'acknowledgeIfHolder', queue: ref, claim, ids });
      settlements.settled(ref, claim, ids);
      return result;
    });
    return outcome?.kind === 'acknowledged' ? outcome.outcomes : ids.map(() => 'alreadyGone');
  }

  return { create: createClaim(parts), get, renew, release, acknowledge };
}
