import { isClaimed, lifeUnderClaim } from '../../../../domain/life.js';
import { tickAfter } from '../../../../domain/time.js';
import type { ClaimNextOp, MessageOutcomes, PopNextOp, ReleaseIfLiveOp, RenewIfLiveOp } from '../../../ports/index.js';
import { claimMembers, type ClaimRow } from '../tables/claims.js';
import type { HeadRow } from '../tables/heads.js';
import type { MessageRow } from '../tables/messages.js';
import type { Commit } from './commit.js';
import { firstClaimable, nothingClaimable } from './take.js';

/** Claims the first claimable messages, lengthening the lives that would end too soon (C1 to C5, grace). */
export function claimNext(commit: Commit, head: HeadRow, op: ClaimNextOp): MessageOutcomes['claimNext'] {
  const rows = firstClaimable(commit, head, op);
  if (rows.length === 0) return nothingClaimable(commit, head);
  const since = Math.floor(commit.now);
  const ends = tickAfter(commit.now, op.ttl);
  const messages = rows.map((row) => {
    const life = lifeUnderClaim(row, commit.now, op.ttl, op.grace);
    commit.take(head, row, life, op.claim);
    return commit.tables.messages.withBody({ ...row, ...life, epoch: row.epoch + 1, attempt: row.attempt + 1 });
  });
  const members = JSON.stringify(rows.map(({ k }) => k));
  commit.claims.add({ q: head.q, id: op.claim, ttl: op.ttl, since, ends, members, remaining: rows.length });
  return { kind: 'claimed', claim: { id: op.claim, ttl: op.ttl, since, ends, messages } };
}

/** Lets a live claim with messages end `ttl` seconds from now (C6, C9). */
export function renewIfLive(commit: Commit, head: HeadRow, op: RenewIfLiveOp): MessageOutcomes['renewIfLive'] {
  const claim = commit.claims.live(head.q, op.claim);
  if (!claim) return { kind: 'unknown' };
  claim.ttl = op.ttl;
  claim.since = Math.floor(commit.now);
  claim.ends = tickAfter(commit.now, op.ttl);
  commit.claims.changed(claim);
  for (const row of heldRows(commit, head, claim)) {
    commit.prolong(head, row, lifeUnderClaim(row, commit.now, op.ttl, op.grace));
  }
  return { kind: 'renewed', ends: claim.ends };
}

/** Ends a claim as if it expired now (C7). */
export function releaseIfLive(commit: Commit, head: HeadRow, op: ReleaseIfLiveOp): MessageOutcomes['releaseIfLive'] {
  const claim = commit.claims.live(head.q, op.claim);
  if (!claim) return { kind: 'released', count: 0 };
  const rows = heldRows(commit, head, claim);
  for (const row of rows) commit.free(head, row);
  commit.claims.end(claim);
  return { kind: 'released', count: rows.length };
}

/** Takes the first claimable messages out for good. */
export function popNext(commit: Commit, head: HeadRow, op: PopNextOp): MessageOutcomes['popNext'] {
  const rows = firstClaimable(commit, head, op);
  if (rows.length === 0) return nothingClaimable(commit, head);
  const messages = rows.map((row) => commit.tables.messages.withBody(row));
  for (const row of rows) commit.remove(head, row);
  return { kind: 'popped', messages };
}

/** The messages that a live claim still holds. */
function heldRows(commit: Commit, head: HeadRow, claim: ClaimRow): readonly MessageRow[] {
  return claimMembers(claim).flatMap((k) => {
    const row = commit.tables.messages.at(head.q, k);
    return row && row.claim === claim.id && isClaimed(row, commit.now) ? [row] : [];
  });
}
