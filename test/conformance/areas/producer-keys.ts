import type { ProducerKey } from '../../../src/storage/ports/index.js';
import type { Kit } from '../kit.js';

const key = (more: Partial<ProducerKey> = {}): ProducerKey => ({
  producer: 'p-1',
  sequence: '1',
  fingerprint: 'f1',
  window: 100,
  ...more,
});

/** Posts that may be repeated (design section 4, idempotent post). */
export function producerKeys(kit: () => Kit): void {
  describe('producer keys', () => {
    it('gives the first receipt to a repeat, and stores nothing', async () => {
      const queue = await kit().queue();
      const first = await queue.receipt(3, { key: key() });
      await queue.post(1);
      const repeat = await queue.receipt(3, { key: key() });
      expect(repeat).toEqual({ ...first, duplicate: true });
      expect((await queue.stats()).total).toBe(4);
    });

    it('recognises a repeat within the same commit', async () => {
      const queue = await kit().queue();
      const outcomes = await kit().applyAll([queue.postOp(2, { key: key() }), queue.postOp(2, { key: key() })]);
      expect(outcomes).toMatchObject([{ duplicate: false }, { duplicate: true }]);
      expect((await queue.stats()).total).toBe(2);
    });

    it('remembers the post when its messages are deleted or expired', async () => {
      const queue = await kit().queue();
      const first = await queue.receipt([{ ttl: 60 }, { ttl: 60 }], { key: key() });
      await queue.deleteAll([`m${first.batch}-0`]);
      await kit().advance(70);
      expect(await queue.receipt(2, { key: key() })).toEqual({ ...first, duplicate: true });
      expect(await queue.counts()).toEqual([0, 0, 0]);
    });

    it('refuses the same key with another content, and stores nothing', async () => {
      const queue = await kit().queue();
      const first = await queue.receipt(1, { key: key() });
      expect(await kit().apply(queue.postOp(2, { key: key({ fingerprint: 'f2' }) }))).toEqual({ kind: 'keyReused' });
      expect(await queue.ids()).toEqual([`m${first.batch}-0`]);
      expect(await queue.receipt(1, { key: key() })).toEqual({ ...first, duplicate: true });
    });

    it.each([
      ['another producer', { producer: 'p-2' }],
      ['another sequence', { sequence: '2' }],
      ['a producer that only looks alike', { producer: 'P-1' }],
      ['a splitting of the same text', { producer: 'p-', sequence: '11' }],
      ['the largest sequence', { sequence: '18446744073709551615' }],
      ['one less than the largest', { sequence: '18446744073709551614' }],
      ['one beyond 2^53', { sequence: '9007199254740993' }],
      ['2^53', { sequence: '9007199254740992' }],
      ['a producer of Unicode', { producer: 'производитель \u{1F680}' }],
    ])('takes %s for another key', async (_, other) => {
      const queue = await kit().queue();
      await queue.post(1, { key: key() });
      await queue.post(1, { key: key({ sequence: '18446744073709551613' }) });
      await queue.post(1, { key: key({ sequence: '9007199254740991' }) });
      expect((await queue.receipt(1, { key: key(other) })).duplicate).toBe(false);
      expect((await queue.receipt(1, { key: key(other) })).duplicate).toBe(true);
    });

    it('forgets the key when its window is over, counted from the first post', async () => {
      const queue = await kit().queue();
      await queue.receipt(1, { key: key({ window: 100 }) });
      await kit().advance(99);
      expect((await queue.receipt(1, { key: key({ window: 100 }) })).duplicate).toBe(true);
      await kit().advance(1);
      const renewed = await queue.receipt(1, { key: key({ fingerprint: 'f2', window: 100 }) });
      expect(renewed.duplicate).toBe(false);
      expect(await queue.receipt(1, { key: key({ fingerprint: 'f2' }) })).toEqual({ ...renewed, duplicate: true });
    });

    it('keeps no record of a post that was refused', async () => {
      const [queue, fenced] = [await kit().queue(), await kit().queue()];
      await kit().apply({ kind: 'fence', queue: fenced.ref });
      expect(await kit().apply(fenced.postOp(1, { key: key() }))).toEqual({ kind: 'gone' });
      expect((await queue.receipt(1, { key: key() })).duplicate).toBe(false);
    });
  });
}
