import { expect } from 'expect';
import type { ProducerKey } from '../../storage/ports/index.js';
import { area, each } from '../area.js';
import type { Kit } from '../kit.js';

const key = (more: Partial<ProducerKey> = {}): ProducerKey => ({
  producer: 'p-1',
  sequence: '1',
  fingerprint: 'f1',
  window: 100,
  ...more,
});

const OTHERS: readonly (readonly [string, Partial<ProducerKey>])[] = [
  ['another producer', { producer: 'p-2' }],
  ['another sequence', { sequence: '2' }],
  ['a producer that only looks alike', { producer: 'P-1' }],
  ['a splitting of the same text', { producer: 'p-', sequence: '11' }],
  ['the largest sequence', { sequence: '18446744073709551615' }],
  ['one less than the largest', { sequence: '18446744073709551614' }],
  ['one beyond 2^53', { sequence: '9007199254740993' }],
  ['2^53', { sequence: '9007199254740992' }],
  ['a producer of Unicode', { producer: 'производитель \u{1F680}' }],
];

/** Posts that may be repeated (design section 4, idempotent post). */
export const producerKeys = area('producer keys', {
  'gives the first receipt to a repeat, and stores nothing': async (kit) => {
    const queue = await kit.queue();
    const first = await queue.receipt(3, { key: key() });
    await queue.post(1);
    const repeat = await queue.receipt(3, { key: key() });
    expect(repeat).toEqual({ ...first, duplicate: true });
    expect((await queue.stats()).total).toBe(4);
  },

  'recognises a repeat within the same commit': async (kit) => {
    const queue = await kit.queue();
    const outcomes = await kit.applyAll([queue.postOp(2, { key: key() }), queue.postOp(2, { key: key() })]);
    expect(outcomes).toMatchObject([{ duplicate: false }, { duplicate: true }]);
    expect((await queue.stats()).total).toBe(2);
  },

  'remembers the post when its messages are deleted or expired': async (kit) => {
    const queue = await kit.queue();
    const first = await queue.receipt([{ ttl: 60 }, { ttl: 60 }], { key: key() });
    await queue.deleteAll([`m${first.batch}-0`]);
    await kit.advance(70);
    expect(await queue.receipt(2, { key: key() })).toEqual({ ...first, duplicate: true });
    expect(await queue.counts()).toEqual([0, 0, 0]);
  },

  'refuses the same key with another content, and stores nothing': async (kit) => {
    const queue = await kit.queue();
    const first = await queue.receipt(1, { key: key() });
    expect(await kit.apply(queue.postOp(2, { key: key({ fingerprint: 'f2' }) }))).toEqual({ kind: 'keyReused' });
    expect(await queue.ids()).toEqual([`m${first.batch}-0`]);
    expect(await queue.receipt(1, { key: key() })).toEqual({ ...first, duplicate: true });
  },

  ...each(
    OTHERS,
    ([what]) => `takes ${what} for another key`,
    async ([, other], kit: Kit) => {
      const queue = await kit.queue();
      await queue.post(1, { key: key() });
      await queue.post(1, { key: key({ sequence: '18446744073709551613' }) });
      await queue.post(1, { key: key({ sequence: '9007199254740991' }) });
      expect((await queue.receipt(1, { key: key(other) })).duplicate).toBe(false);
      expect((await queue.receipt(1, { key: key(other) })).duplicate).toBe(true);
    },
  ),

  'forgets the key when its window is over, counted from the first post': async (kit) => {
    const queue = await kit.queue();
    await queue.receipt(1, { key: key({ window: 100 }) });
    await kit.advance(99);
    expect((await queue.receipt(1, { key: key({ window: 100 }) })).duplicate).toBe(true);
    await kit.advance(1);
    const renewed = await queue.receipt(1, { key: key({ fingerprint: 'f2', window: 100 }) });
    expect(renewed.duplicate).toBe(false);
    expect(await queue.receipt(1, { key: key({ fingerprint: 'f2' }) })).toEqual({ ...renewed, duplicate: true });
  },

  'keeps no record of a post that was refused': async (kit) => {
    const [queue, fenced] = [await kit.queue(), await kit.queue()];
    await kit.apply({ kind: 'fence', queue: fenced.ref });
    expect(await kit.apply(fenced.postOp(1, { key: key() }))).toEqual({ kind: 'gone' });
    expect((await queue.receipt(1, { key: key() })).duplicate).toBe(false);
  },
});
