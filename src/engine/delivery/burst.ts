import type { StoredClaim } from '../../storage/ports/index.js';

/** Claims that are under way at once for one reader at the most; with more, what they share of a commit saves nothing. */
const MOST = 8;

/** Bytes of bodies that are under way at once, as a multiple of what one claim may have. */
const WORTH = 2;

/** Bytes of the bodies of a claim. */
export function bytesOf({ messages }: StoredClaim): number {
  return messages.reduce((sum, { body }) => sum + body.byteLength, 0);
}

/**
 * How many claims may be under way at once after one that had room for so many messages and bytes: one, or several that
 * share a commit where it came back full of small messages. The smaller they are the more, so that what comes for a reader
 * who has stopped reading is bounded in bytes.
 */
export function burstAfter(claim: StoredClaim, limit: number, maxBytes: number): number {
  const bytes = bytesOf(claim);
  if (claim.messages.length < limit || bytes > maxBytes / 2) return 1;
  return Math.min(MOST, Math.floor((maxBytes * WORTH) / bytes));
}
