import { hash } from 'node:crypto';

/** Sixty-four bits that stand for a text or for a bag of texts, as two halves. */
export type Digest = readonly [number, number];

export const EMPTY: Digest = [0, 0];

/** The digest of a text. */
export function digest(text: string): Digest {
  const bytes = hash('md5', text, 'buffer');
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}

/** The digest of a bag with one more in it, in whatever order they came. */
export function plus([a, b]: Digest, [c, d]: Digest): Digest {
  return [(a + c) >>> 0, (b + d) >>> 0];
}

/** The digest of a bag with one less in it. */
export function minus([a, b]: Digest, [c, d]: Digest): Digest {
  return [(a - c) >>> 0, (b - d) >>> 0];
}

/** A number below 2^53 for a digest, to be kept in a set. */
export function keyOf([a, b]: Digest): number {
  return a * 2 ** 21 + (b >>> 11);
}
