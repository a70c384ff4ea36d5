import type { Tick } from '../../../domain/time.js';
import { currentTick, type Millis } from '../../../domain/time.js';
import type { StoredClaim, StoredMessage } from '../../ports/index.js';
import type { MessageDoc, MessageFacts } from './documents.js';

/** The part of a message that the store shows. */
export function show(doc: MessageDoc): StoredMessage {
  return {
    id: doc._id,
    marker: Number(doc.k),
    body: doc.body.buffer.subarray(0, doc.body.position),
    contentType: doc.type,
    ttl: doc.ttl,
    postedAt: doc.at.getTime(),
    expires: expiryOf(doc),
    epoch: doc.ep,
    attempt: doc.tries,
  };
}

/** A claim as its messages keep it; they must be under one claim, and at least one. */
export function showClaim(docs: readonly MessageDoc[], shown: readonly MessageDoc[] = docs): StoredClaim {
  // A renewal that was broken off half way leaves two ends behind: the later one is what it was asked for.
  const { cl, ct, cs, due } = docs.reduce((latest, doc) => (doc.due > latest.due ? doc : latest));
  return { id: cl ?? '', ttl: ct ?? 0, since: cs?.getTime() ?? 0, ends: due, messages: shown.map(show) };
}

/** The tick at which the message's life ends. */
export function expiryOf({ exp }: Pick<MessageFacts, 'exp'>): Tick {
  return exp.getTime() / 1000;
}

/** The live claim that holds the message; null when none does. */
export function holderOf({ due, cl }: Pick<MessageFacts, 'due' | 'cl'>, now: Millis): string | null {
  return due > currentTick(now) ? (cl ?? null) : null;
}

/** The messages in marker order. */
export function inOrder<T extends Pick<MessageFacts, 'k'>>(docs: readonly T[]): readonly T[] {
  return [...docs].sort((a, b) => Number(a.k) - Number(b.k));
}

/** The first of the messages: at most `maxBytes` of bodies, and one in any case. */
export function fitting<T extends Pick<MessageFacts, 'size'>>(docs: readonly T[], maxBytes: number): readonly T[] {
  let bytes = 0;
  const end = docs.findIndex(({ size }, index) => (bytes += size) > maxBytes && index > 0);
  return end === -1 ? docs : docs.slice(0, end);
}

/** Takes documents while their bodies fit, and the first in any case. */
export function fitsIn(maxBytes: number) {
  let bytes = 0;
  let over = false;
  return {
    fits: (doc: unknown): boolean => {
      const { size } = doc as MessageDoc;
      over = bytes > 0 && bytes + size > maxBytes;
      bytes += size;
      return !over;
    },
    spent: () => over,
  };
}
