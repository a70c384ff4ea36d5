/** Sixty-four bits that stand for a text or for a bag of texts, as two halves. */
export type Digest = readonly [number, number];

export const EMPTY: Digest = [0, 0];

/** The digest of a text: two multiplicative hashes with different seeds, mixed at the end. */
export function digest(text: string): Digest {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return [a >>> 0, b >>> 0];
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
