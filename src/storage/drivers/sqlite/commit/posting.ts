import { HoldState } from '../../../../domain/life.js';
import { tickAfter } from '../../../../domain/time.js';
import type { Full, MessageOutcomes, PostOp } from '../../../ports/index.js';
import type { HeadRow } from '../tables/heads.js';
import { posterBytes } from '../tables/messages.js';
import type { Commit } from './commit.js';

/** Answered to a step that adds when there is no room. */
export const FULL: Full = { kind: 'full' };

type PostOutcome = MessageOutcomes['post'];

/** Stores all messages with consecutive markers, or finds the first receipt of the same post (P2, F4). */
export function post(commit: Commit, head: HeadRow, op: PostOp): PostOutcome {
  const known = firstReceipt(commit, head, op);
  if (known) return known;
  if (commit.refuseGrowth) return FULL;
  const first = head.next;
  const count = op.messages.length;
  insertAll(commit, head, op);
  if (op.key) {
    const until = tickAfter(commit.now, op.key.window);
    commit.tables.keys.put(head.q, op.key, { batch: op.batch, first, count, until });
  }
  return { kind: 'posted', batch: op.batch, first, count, duplicate: false };
}

/** A post whose key is on record, or whose own batch is stored: its answer was lost, and it is given again. */
function firstReceipt(commit: Commit, head: HeadRow, op: PostOp): PostOutcome | null {
  const record = op.key && commit.tables.keys.recorded(head.q, op.key, commit.tick);
  if (record) {
    if (record.fingerprint !== op.key?.fingerprint) return { kind: 'keyReused' };
    const { batch, first, count } = record;
    return { kind: 'posted', batch, first, count, duplicate: true };
  }
  const first = commit.tables.messages.firstOfBatch(head.q, op.batch);
  if (first === undefined) return null;
  return { kind: 'posted', batch: op.batch, first, count: op.messages.length, duplicate: true };
}

/** Each row is written out whole: put together by spreading, it cost as much as the statement that stores it. */
function insertAll(commit: Commit, head: HeadRow, op: PostOp): void {
  const poster = posterBytes(op.poster);
  const postedAt = Math.floor(commit.now);
  op.messages.forEach(({ body, contentType, ttl }, idx) => {
    commit.insert(head, {
      q: head.q,
      k: head.next++,
      batch: op.batch,
      idx,
      poster,
      postedAt,
      ttl,
      expires: tickAfter(commit.now, ttl),
      state: HoldState.FREE,
      due: 0,
      claim: '',
      epoch: 0,
      attempt: 0,
      body,
      contentType,
    });
  });
}
