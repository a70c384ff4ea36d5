import type { Millis } from '../../domain/time.js';
import type { ClaimNextOp, OutcomeOf, QueueRef, StoredClaim } from '../../storage/ports/index.js';
import type { EngineParts } from '../parts.js';

/** How often one waiting request tries at the most: a bound on its work, far above what waking brings about. */
const MAX_TRIES = 1_000;

/** What one claim is to take. */
export type Take = Pick<ClaimNextOp, 'ttl' | 'grace' | 'limit' | 'maxBytes'>;

/** What a try comes to. */
export type TakeOutcome = OutcomeOf<ClaimNextOp>;

/** Claims the first claimable messages of an incarnation, at once or when there are some (semantics C1 to C5). */
export interface Claimer {
  tryClaim(queue: QueueRef, take: Take): Promise<TakeOutcome>;
  /** Waits for a message until then (null: for as long as it takes) or until the signal is aborted. */
  waitAndClaim(
    queue: QueueRef,
    take: Take,
    until: Millis | null,
    signal: AbortSignal | undefined,
  ): Promise<TakeOutcome>;
}

/** Makes the one way to claim that all doors share. */
export function createClaimer({ storage, commit, waiters, ids }: Claimable): Claimer {
  const { clock } = storage;

  function tryClaim(queue: QueueRef, take: Take): Promise<TakeOutcome> {
    return commit.submit({ kind: 'claimNext', queue, claim: ids.claim(), ...take });
  }

  async function waitAndClaim(
    queue: QueueRef,
    take: Take,
    until: Millis | null,
    signal: AbortSignal | undefined,
  ): Promise<TakeOutcome> {
    const waitMs = until === null ? null : Math.max(0, until - clock.now());
    const waiter = waiters.enter(queue.uid, waitMs, signal);
    let taken = 0;
    let left = false;
    try {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const outcome = await tryClaim(queue, take);
        if (outcome.kind !== 'none') {
          if (outcome.kind === 'claimed') {
            taken = outcome.claim.messages.length;
            left = mayHaveLeft(outcome.claim, take);
          } else {
            waiters.end(queue.uid);
          }
          return outcome;
        }
        const heldForMs = outcome.nextAt === null ? null : outcome.nextAt * 1000 - clock.now();
        if ((await waiter.park(heldForMs)) === 'over') return outcome;
      }
      return { kind: 'none', nextAt: null };
    } finally {
      waiter.leave(taken > 0);
      if (left) waiters.handOn(queue.uid);
    }
  }

  return { tryClaim, waitAndClaim };
}

/** A claim that is full, or that its bytes may have cut short, may have left something for the next in line. */
function mayHaveLeft({ messages }: StoredClaim, { limit, maxBytes }: Take): boolean {
  if (messages.length >= limit) return true;
  return messages.reduce((sum, { body }) => sum + body.byteLength, 0) > maxBytes / 2;
}

type Claimable = Pick<EngineParts, 'storage' | 'commit' | 'waiters' | 'ids'>;
