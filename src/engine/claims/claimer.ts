import type { Millis, Tick } from '../../domain/time.js';
import type { ClaimNextOp, OutcomeOf, QueueRef, StoreClock, StoredClaim } from '../../storage/ports/index.js';
import type { Freeing } from '../delivery/waiters.js';
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

  async function tryClaim(queue: QueueRef, take: Take): Promise<TakeOutcome> {
    const outcome = await commit.submit({ kind: 'claimNext', queue, claim: ids.claim(), ...take });
    if (outcome.kind === 'claimed') waiters.taken(queue.uid, freeingAt(outcome.claim.ends, clock));
    return outcome;
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
    let left: Left = null;
    try {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const outcome = await tryClaim(queue, take);
        if (outcome.kind !== 'none') {
          if (outcome.kind === 'claimed') {
            taken = outcome.claim.messages.length;
            left = leftBy(outcome.claim, take);
          } else {
            waiters.end(queue.uid);
          }
          return outcome;
        }
        const freeing = outcome.nextAt === null ? null : freeingAt(outcome.nextAt, clock);
        if ((await waiter.park(freeing)) === 'over') return outcome;
      }
      return { kind: 'none', nextAt: null };
    } finally {
      waiter.leave(taken > 0);
      if (left === 'of its bytes') waiters.handOn(queue.uid);
      if (left === 'of its limit') waiters.servedInFull(queue.uid);
    }
  }

  return { tryClaim, waitAndClaim };
}

/** What is held until a tick comes free then. */
export function freeingAt(tick: Tick, clock: StoreClock): Freeing {
  return { at: tick * 1000, inMs: tick * 1000 - clock.now() };
}

/** Why a claim may have left something for the next in line. */
type Left = 'of its limit' | 'of its bytes' | null;

function leftBy({ messages }: StoredClaim, { limit, maxBytes }: Take): Left {
  const bytes = messages.reduce((sum, { body }) => sum + body.byteLength, 0);
  if (bytes > maxBytes / 2) return 'of its bytes';
  return messages.length >= limit ? 'of its limit' : null;
}

type Claimable = Pick<EngineParts, 'storage' | 'commit' | 'waiters' | 'ids'>;
