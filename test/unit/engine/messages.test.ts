import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import type { Engine } from '../../../src/engine/api.js';
import type { MessageOutcome, Storage } from '../../../src/storage/ports/index.js';
import { deafObserver, inProject, message, testEngine } from '../../support/engine.js';
import { ManualTime } from '../../support/manual-time.js';

const ctx = inProject(null);
const claimAll = { ttl: 100, grace: 60, limit: 10, waitMs: 0 };

describe('messages and claims through the engine', () => {
  let time: ManualTime;
  let storage: Storage;
  let engine: Engine;

  beforeEach(async () => {
    time = new ManualTime();
    storage = openMemory({ clock: time });
    engine = testEngine(storage, { timers: time.timers });
    await engine.queues.create(ctx, 'q');
  });

  afterEach(() => engine.drain());

  const post = (count: number, key: { producer: string; sequence: bigint } | null = null) =>
    engine.messages.post(ctx, 'q', {
      poster: null,
      messages: Array.from({ length: count }, (_, i) => message(i)),
      key,
    });

  it('gives a receipt with ids and markers in the order of the post, and the durability', async () => {
    const receipt = await post(3);
    expect(receipt.ids.map((id) => id.slice(-2))).toEqual(['-0', '-1', '-2']);
    expect(receipt.markers).toEqual([...receipt.markers].sort((a, b) => a - b));
    expect(receipt).toMatchObject({ durability: 'memory', duplicate: false });
  });

  it('gives the first receipt again for a repeated key, and refuses the key for another post', async () => {
    const key = { producer: 'p1', sequence: 18_446_744_073_709_551_615n };
    const first = await post(2, key);
    expect(await post(2, key)).toEqual({ ...first, duplicate: true });
    await expect(post(3, key)).rejects.toMatchObject({ reason: 'PRODUCER_KEY_REUSED' });
    expect((await engine.queues.stats(ctx, 'q')).value.total).toBe(2);
    await time.advance(3_601_000);
    expect((await post(2, key)).duplicate).toBe(false);
  });

  it('walks a message through its life', async () => {
    const { ids } = await post(2);
    const [id = '', second = ''] = ids;
    const { value: claim } = await engine.claims.create(ctx, 'q', claimAll);
    await expect(engine.messages.delete(ctx, 'q', id, null)).rejects.toMatchObject({ reason: 'MESSAGE_CLAIMED' });
    await expect(engine.messages.delete(ctx, 'q', id, 'other')).rejects.toMatchObject({ reason: 'CLAIM_LOST' });
    expect(await engine.messages.delete(ctx, 'q', id, claim?.id ?? '')).toEqual({ deleted: true });
    expect((await engine.claims.get(ctx, 'q', claim?.id ?? '')).value.messages).toHaveLength(1);
    const { ends } = await engine.claims.renew(ctx, 'q', claim?.id ?? '', 200, 0);
    expect(ends).toBe(time.now() + 200_000);
    expect(await engine.claims.acknowledge(ctx, 'q', claim?.id ?? '', [second, id])).toEqual([
      'acknowledged',
      'alreadyGone',
    ]);
    await expect(engine.claims.get(ctx, 'q', claim?.id ?? '')).rejects.toMatchObject({ reason: 'CLAIM_NOT_FOUND' });
  });

  it('reads, deletes and pops', async () => {
    const { ids } = await post(3);
    expect((await engine.messages.get(ctx, 'q', ids[0] ?? '')).value.id).toBe(ids[0]);
    expect((await engine.messages.getMany(ctx, 'q', ids)).value).toHaveLength(3);
    expect(await engine.messages.deleteMany(ctx, 'q', [ids[0] ?? '', 'x'])).toEqual({ deleted: 1 });
    expect((await engine.messages.pop(ctx, 'q', 1)).value[0]?.id).toBe(ids[1]);
    expect((await engine.queues.stats(ctx, 'q')).value.total).toBe(1);
  });

  it("leaves out the caller's own messages unless it asks for an echo", async () => {
    const me = 'a'.repeat(32);
    await engine.messages.post(ctx, 'q', { poster: me, messages: [message('mine')], key: null });
    const listing = { position: { kind: 'after', marker: 0 }, limit: 10, caller: me, includeClaimed: false } as const;
    expect((await engine.messages.list(ctx, 'q', { ...listing, echo: false })).value).toHaveLength(0);
    expect((await engine.messages.list(ctx, 'q', { ...listing, echo: true })).value).toHaveLength(1);
  });

  it('tells the observer of refusals', async () => {
    const refused: string[] = [];
    const observer = { ...deafObserver, refused: (reason: string) => void refused.push(reason) };
    const other = testEngine(storage, { timers: time.timers, observer });
    await expect(other.queues.find(ctx, 'none')).rejects.toThrow();
    expect(refused).toEqual(['QUEUE_NOT_FOUND']);
    await other.drain();
  });

  /** The storage, with every step coming to the same. */
  function answering(outcome: MessageOutcome): Storage {
    const messages = new Proxy(storage.messages, {
      get: (target, key) =>
        key === 'apply'
          ? ({ ops }: { ops: readonly unknown[] }): Promise<MessageOutcome[]> => Promise.resolve(ops.map(() => outcome))
          : (Reflect.get(target, key) as () => unknown).bind(target),
    });
    return { ...storage, messages };
  }

  it('asks to come again while another post under the key is not decided', async () => {
    const other = testEngine(answering({ kind: 'keyBusy' }), { timers: time.timers });
    await expect(
      other.messages.post(ctx, 'q', { poster: null, messages: [message(1)], key: { producer: 'p', sequence: 1n } }),
    ).rejects.toMatchObject({ reason: 'STORAGE_UNAVAILABLE', retryAfterMs: 1_000 });
    await other.drain();
  });

  it('refuses what a full store does not take: posts and queues', async () => {
    const other = testEngine(answering({ kind: 'full' }), { timers: time.timers });
    const refusal = { reason: 'STORAGE_FULL', retryAfterMs: 5_000 };
    await expect(
      other.messages.post(ctx, 'q', { poster: null, messages: [message(1)], key: null }),
    ).rejects.toMatchObject(refusal);
    await expect(other.queues.create(ctx, 'new')).rejects.toMatchObject(refusal);
    await other.drain();
  });
});
