import type { MessageOp } from '../../storage/ports/index.js';
import type { WaitingStep } from './waiting-step.js';

/** What frees goes before what takes, so that it is there to be taken; the fence ends what came with it, not before. */
const RANKS: Readonly<Record<MessageOp['kind'], number>> = {
  open: 0,
  post: 1,
  renewIfLive: 2,
  releaseIfLive: 3,
  deleteIfAllowed: 4,
  deleteAll: 5,
  acknowledgeIfHolder: 6,
  claimNext: 7,
  popNext: 8,
  fence: 9,
};

/**
 * Puts steps of one kind side by side, in order of arrival within it, so that a driver handles them together. Steps
 * that wait at the same time were sent by callers that do not know of one another's: any order is right.
 */
export function inKindOrder(batch: readonly WaitingStep[]): WaitingStep[] {
  return [...batch].sort((a, b) => RANKS[a.op.kind] - RANKS[b.op.kind]);
}
