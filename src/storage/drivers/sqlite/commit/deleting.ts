import { judgeDeletion } from '../../../../domain/deletion.js';
import { isClaimed, isVisible } from '../../../../domain/life.js';
import { parseMessageId } from '../../../../domain/message-id.js';
import type {
  AckOutcome,
  AcknowledgeIfHolderOp,
  DeleteAllOp,
  DeleteIfAllowedOp,
  MessageOutcomes,
} from '../../../ports/index.js';
import type { HeadRow } from '../tables/heads.js';
import type { MessageRow } from '../tables/messages.js';
import type { Commit } from './commit.js';

/** Deletes one message where the table of rest-v1 2.14 allows it. */
export function deleteIfAllowed(
  commit: Commit,
  head: HeadRow,
  op: DeleteIfAllowedOp,
): MessageOutcomes['deleteIfAllowed'] {
  const row = visibleRow(commit, head, op.id);
  if (!row) return { kind: 'absent' };
  const namedLives = op.claim !== null && commit.claims.live(head.q, op.claim) !== null;
  const verdict = judgeDeletion({ named: op.claim, holder: holder(commit, row), namedLives });
  if (verdict !== 'delete') return { kind: verdict };
  commit.remove(head, row);
  return { kind: 'deleted' };
}

/** Deletes the visible ones among the messages, claimed or not. */
export function deleteAll(commit: Commit, head: HeadRow, op: DeleteAllOp): MessageOutcomes['deleteAll'] {
  let count = 0;
  for (const id of op.ids) {
    const row = visibleRow(commit, head, id);
    if (!row) continue;
    commit.remove(head, row);
    count += 1;
  }
  return { kind: 'deleted', count };
}

/** Deletes what the live claim holds; an id named twice is gone the second time. */
export function acknowledgeIfHolder(
  commit: Commit,
  head: HeadRow,
  op: AcknowledgeIfHolderOp,
): MessageOutcomes['acknowledgeIfHolder'] {
  const outcomes = op.ids.map((id): AckOutcome => {
    const row = visibleRow(commit, head, id);
    if (!row) return 'alreadyGone';
    if (holder(commit, row) !== op.claim) return 'claimLost';
    commit.remove(head, row);
    return 'acknowledged';
  });
  return { kind: 'acknowledged', outcomes };
}

function visibleRow(commit: Commit, head: HeadRow, id: string): MessageRow | null {
  const parts = parseMessageId(id);
  const row = parts && commit.tables.messages.withId(head.q, parts.batch, parts.index);
  return row && isVisible(row, commit.now) ? row : null;
}

/** The live claim that holds the message; null when none does. */
function holder(commit: Commit, row: MessageRow): string | null {
  return isClaimed(row, commit.now) ? row.claim : null;
}
