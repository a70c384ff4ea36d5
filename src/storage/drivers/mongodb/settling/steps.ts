import { judgeDeletion } from '../../../../domain/deletion.js';
import { tickAfter, type Millis } from '../../../../domain/time.js';
import type {
  AckOutcome,
  AcknowledgeIfHolderOp,
  DeleteAllOp,
  DeleteIfAllowedOp,
  MessageOutcomes,
  ReleaseIfLiveOp,
  RenewIfLiveOp,
} from '../../../ports/index.js';
import type { WorkingSet } from './working-set.js';

/** A step on messages that the caller names, or that its claim holds. */
export type SettleOp = RenewIfLiveOp | ReleaseIfLiveOp | DeleteIfAllowedOp | DeleteAllOp | AcknowledgeIfHolderOp;

/** What such a step comes to. */
export type SettleOutcome = MessageOutcomes[SettleOp['kind']];

/** Carries one step out on the working set. */
export function settleOn(set: WorkingSet, op: SettleOp, now: Millis): SettleOutcome {
  switch (op.kind) {
    case 'renewIfLive':
      return renew(set, op, now);
    case 'releaseIfLive':
      return release(set, op);
    case 'deleteIfAllowed':
      return deleteOne(set, op);
    case 'deleteAll':
      return { kind: 'deleted', count: op.ids.filter((id) => set.delete(id)).length };
    case 'acknowledgeIfHolder':
      return { kind: 'acknowledged', outcomes: op.ids.map((id) => acknowledge(set, id, op)) };
  }
}

function renew(set: WorkingSet, { claim, ttl, grace }: RenewIfLiveOp, now: Millis): MessageOutcomes['renewIfLive'] {
  const held = set.heldBy(claim);
  if (held.length === 0) return { kind: 'unknown' };
  for (const message of held) set.renew(message, ttl, grace);
  return { kind: 'renewed', ends: tickAfter(now, ttl) };
}

function release(set: WorkingSet, { claim }: ReleaseIfLiveOp): MessageOutcomes['releaseIfLive'] {
  const held = set.heldBy(claim);
  for (const message of held) set.release(message);
  return { kind: 'released', count: held.length };
}

function deleteOne(set: WorkingSet, { id, claim }: DeleteIfAllowedOp): MessageOutcomes['deleteIfAllowed'] {
  if (set.get(id) === null) return { kind: 'absent' };
  const namedLives = claim !== null && set.heldBy(claim).length > 0;
  const verdict = judgeDeletion({ named: claim, holder: set.holder(id), namedLives });
  if (verdict !== 'delete') return { kind: verdict };
  set.delete(id);
  return { kind: 'deleted' };
}

function acknowledge(set: WorkingSet, id: string, { claim }: AcknowledgeIfHolderOp): AckOutcome {
  if (set.get(id) === null) return 'alreadyGone';
  if (set.holder(id) !== claim) return 'claimLost';
  set.delete(id);
  return 'acknowledged';
}
