import { Credit } from '../../../../src/engine/delivery/credit.js';

describe('credit', () => {
  const credit = (messages: number, bytes: number): Credit => {
    const made = new Credit();
    made.add({ messages, bytes });
    return made;
  };

  it('is there with at least one message and one byte', () => {
    expect(new Credit().any).toBe(false);
    expect(credit(1, 0).any).toBe(false);
    expect(credit(0, 1).any).toBe(false);
    expect(credit(1, 1).any).toBe(true);
  });

  it('adds up, and gives back what was set aside and not used', () => {
    const left = credit(3, 100);
    left.add({ messages: 2, bytes: 50 });
    left.reserve({ messages: 4, bytes: 120 });
    expect([left.messages, left.bytes]).toEqual([1, 30]);
    left.add({ messages: 3, bytes: 20 });
    expect([left.messages, left.bytes]).toEqual([4, 50]);
  });

  it('owes the bytes of a message that was larger than what was left', () => {
    const left = credit(10, 5);
    left.reserve({ messages: 1, bytes: 5 });
    left.add({ messages: 0, bytes: 5 - 80 });
    expect(left.bytes).toBe(-75);
    left.add({ messages: 0, bytes: 75 });
    expect(left.any).toBe(false);
    left.add({ messages: 0, bytes: 1 });
    expect(left.any).toBe(true);
  });

  it('never grows beyond its bounds', () => {
    const left = credit(2 ** 31 - 2, Number.MAX_SAFE_INTEGER - 1);
    left.add({ messages: 2 ** 32 - 1, bytes: Number(2n ** 64n - 1n) });
    expect([left.messages, left.bytes]).toEqual([2 ** 31 - 1, Number.MAX_SAFE_INTEGER]);
  });
});
