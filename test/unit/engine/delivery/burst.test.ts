import type { StoredClaim, StoredMessage } from '../../../../src/engine/api.js';
import { burstAfter, bytesOf } from '../../../../src/engine/delivery/burst.js';

const LIMIT = 20;
const MAX_BYTES = 128 * 1024;

function claimOf(count: number, bytes: number): StoredClaim {
  const message = { body: Buffer.alloc(bytes) } as unknown as StoredMessage;
  return { messages: Array<StoredMessage>(count).fill(message) } as unknown as StoredClaim;
}

describe('how many claims are under way at once', () => {
  it.each([
    ['one that is not full', LIMIT - 1, 1, 1],
    ['one full of empty messages', LIMIT, 0, 8],
    ['one full of small messages', LIMIT, 1_024, 8],
    ['one of half its bytes', LIMIT, MAX_BYTES / 2 / LIMIT, 4],
    ['one of more than half its bytes', LIMIT, MAX_BYTES / 2 / LIMIT + 1, 1],
  ])('after %s', (_, count, bytes, expected) => {
    expect(burstAfter(claimOf(count, bytes), LIMIT, MAX_BYTES)).toBe(expected);
  });

  it('is never more than what has twice the bytes of a claim', () => {
    for (let bytes = 1; bytes < 10_000; bytes++) {
      const claim = claimOf(LIMIT, bytes);
      const burst = burstAfter(claim, LIMIT, MAX_BYTES);
      if (burst > 1) expect(burst * bytesOf(claim)).toBeLessThanOrEqual(2 * MAX_BYTES);
    }
  });
});
