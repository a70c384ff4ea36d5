import type { FenceOp, Gone, MessageOp, MessageOutcome, OpenOp } from '../../../ports/index.js';
import type { HeadRow } from '../tables/heads.js';
import { claimNext, popNext, releaseIfLive, renewIfLive } from './claiming.js';
import type { Commit } from './commit.js';
import { acknowledgeIfHolder, deleteAll, deleteIfAllowed } from './deleting.js';
import { FULL, post } from './posting.js';

const GONE: Gone = { kind: 'gone' };

/** Applies one step. It decides before it writes, so that a step that is refused changes nothing. */
export function applyStep(commit: Commit, op: MessageOp): MessageOutcome {
  if (op.kind === 'open') return open(commit, op);
  if (op.kind === 'fence') return fence(commit, op);
  const head = commit.heads.open(op.queue.uid);
  return head ? stepOn(commit, head, op) : GONE;
}

function stepOn(commit: Commit, head: HeadRow, op: Exclude<MessageOp, OpenOp | FenceOp>): MessageOutcome {
  switch (op.kind) {
    case 'post':
      return post(commit, head, op);
    case 'claimNext':
      return claimNext(commit, head, op);
    case 'renewIfLive':
      return renewIfLive(commit, head, op);
    case 'releaseIfLive':
      return releaseIfLive(commit, head, op);
    case 'deleteIfAllowed':
      return deleteIfAllowed(commit, head, op);
    case 'deleteAll':
      return deleteAll(commit, head, op);
    case 'acknowledgeIfHolder':
      return acknowledgeIfHolder(commit, head, op);
    case 'popNext':
      return popNext(commit, head, op);
  }
}

function open(commit: Commit, { queue }: OpenOp): MessageOutcome {
  const head = commit.heads.find(queue.uid);
  if (head) return head.fenced === null ? { kind: 'opened' } : GONE;
  if (commit.refuseGrowth) return FULL;
  commit.heads.create(queue.uid, Math.floor(commit.now));
  return { kind: 'opened' };
}

/** Fences also what was never opened: an opening that comes late finds it fenced. */
function fence(commit: Commit, { queue }: FenceOp): MessageOutcome {
  const head = commit.heads.find(queue.uid) ?? commit.heads.create(queue.uid, Math.floor(commit.now));
  if (head.fenced === null) {
    head.fenced = commit.tick;
    commit.heads.changed(head);
  }
  return { kind: 'fenced' };
}
