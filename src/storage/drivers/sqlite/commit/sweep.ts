import type { Tick } from '../../../../domain/time.js';
import type { SweepReport } from '../../../ports/index.js';
import { NEVER } from '../schema/ddl.js';
import { BlockSearch } from '../tables/block-search.js';
import { FAN_OUT } from '../tables/blocks.js';
import type { HeadRow } from '../tables/heads.js';
import { TickKind, type DueTick } from '../tables/ticks.js';
import type { Commit } from './commit.js';

/** Seconds for which a fenced incarnation is remembered: far longer than any call that knows its uid is under way. */
const FENCE_MEMORY = 7 * 86_400;

/** Frees at most about `budget` rows of what is over (P5): in the order in which it fell due. */
export function sweep(commit: Commit, budget: number): SweepReport {
  const { tables, tick } = commit;
  let left = budget - sweepDue(commit, budget);
  const rounds = [
    (limit: number) => tables.claims.sweep(tick, limit),
    (limit: number) => tables.keys.sweep(tick, limit),
    (limit: number) => sweepFenced(commit, limit),
    (limit: number) => tables.heads.forget(tick - FENCE_MEMORY, limit),
  ];
  for (const round of rounds) if (left > 0) left -= round(left);
  return { freed: budget - left, more: left <= 0 };
}

/** What has fallen due. Ended holds go first: a message that is deleted then finds its own taken off already. */
function sweepDue(commit: Commit, limit: number): number {
  const due = commit.tables.ticks.allDue(commit.tick, limit);
  const holds = due.filter(({ kind }) => kind === TickKind.HELD);
  for (const hold of holds) sweepHold(commit, hold);
  let left = limit - holds.length;
  for (const q of new Set(due.filter(({ kind }) => kind === TickKind.EXPIRES).map(({ q }) => q))) {
    if (left <= 0) break;
    left -= sweepExpired(commit, q, left);
  }
  return limit - left;
}

/** Takes off all holds of a queue that ended at a tick, whatever their number. */
function sweepHold(commit: Commit, { q, kind, tick, n }: DueTick): void {
  commit.tables.ticks.remove(q, kind, tick);
  const head = commit.heads.numbered(q);
  if (!head) return;
  head.held -= n;
  head.heldSwept = Math.max(head.heldSwept, tick);
  commit.heads.changed(head);
}

function sweepExpired(commit: Commit, q: number, limit: number): number {
  const head = commit.heads.numbered(q);
  return head ? sweepMessages(commit, head, commit.tick, limit) : 0;
}

/** Deletes the queue's messages whose life is over at `tick`, block by block; gives how many. */
function sweepMessages(commit: Commit, head: HeadRow, tick: Tick, limit: number): number {
  const { tables } = commit;
  const search = new BlockSearch(tables.blocks, head.q, { kind: 'expired', tick });
  let freed = 0;
  let from = 0;
  while (freed < limit) {
    const block = search.next(from);
    if (block === null) break;
    const lo = block * FAN_OUT;
    const rows = tables.messages.expiredIn(head.q, lo, lo + FAN_OUT - 1, tick, limit - freed);
    for (const row of rows) commit.remove(head, row);
    freed += rows.length;
    from = block + 1;
  }
  return freed;
}

/** Frees rows of fenced queues; a queue of which nothing is left is marked, and costs one. */
function sweepFenced(commit: Commit, limit: number): number {
  const { tables } = commit;
  let left = limit;
  while (left > 0) {
    const q = tables.heads.fencedUnclean();
    const head = q === undefined ? null : commit.heads.numbered(q);
    if (!head) break;
    left -= sweepMessages(commit, head, NEVER, left);
    if (left > 0) left -= tables.claims.sweepQueue(head.q, left);
    if (left > 0) left -= tables.keys.sweepQueue(head.q, left);
    if (left <= 0) break;
    tables.heads.markClean(head.q);
    left -= 1;
  }
  return limit - left;
}
