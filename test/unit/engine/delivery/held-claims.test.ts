import { HeldClaims } from '../../../../src/engine/delivery/held-claims.js';
import type { StoredClaim, StoredMessage } from '../../../../src/storage/ports/index.js';

const claim = (id: string, ends: number, ids: readonly string[] = ['m']): StoredClaim => ({
  id,
  ttl: 60,
  since: 0,
  ends,
  messages: ids.map((each) => ({ id: each }) as StoredMessage),
});

describe('the claims that a stream holds', () => {
  let held: HeldClaims;
  beforeEach(() => {
    held = new HeldClaims(2);
  });

  it('lets go of a claim when its last message is settled', () => {
    held.add(claim('a', 100, ['m1', 'm2']));
    held.settled('a', ['m1', 'unknown']);
    expect(held.live(0)).toEqual(['a']);
    held.settled('a', ['m2']);
    expect(held.live(0)).toEqual([]);
    held.settled('a', ['m2']);
  });

  it('has room for so many, and again once one is settled, released or ended', () => {
    held.add(claim('a', 100));
    expect(held.hasRoom(0, 0)).toBe(true);
    expect(held.hasRoom(0, 1)).toBe(false);
    held.add(claim('b', 200));
    expect(held.hasRoom(0, 0)).toBe(false);
    expect(held.firstEnd()).toBe(100);
    held.remove('a');
    expect(held.hasRoom(0, 0)).toBe(true);
    held.add(claim('c', 300));
    expect(held.hasRoom(199_999, 0)).toBe(false);
    expect(held.hasRoom(200_000, 0)).toBe(true);
    expect(held.live(200_000)).toEqual(['c']);
  });

  it('tells those that live, by the end that was last given', () => {
    held.add(claim('a', 100));
    held.add(claim('b', 100));
    held.renewed('a', 200);
    held.renewed('unknown', 900);
    expect(held.live(150_000)).toEqual(['a']);
    expect(held.firstEnd()).toBe(100);
  });
});
