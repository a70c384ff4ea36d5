import type { Engine } from '../../../src/engine/api.js';
import type { MessageOp } from '../../../src/storage/ports/index.js';
import { inProject, message, testEngine } from '../../support/engine.js';
import { ManualTime, settle } from '../../support/manual-time.js';
import { SharedMemory } from '../../support/shared-memory.js';

const ctx = inProject('p');
const request = { ttl: 60, grace: 60, limit: 10, waitMs: 30_000 };

describe('waiting for a claim on a storage that other cores use too', () => {
  let time: ManualTime;
  let shared: SharedMemory;
  let here: Engine;
  let there: Engine;
  let tries: number;
  let watchedAtLook: number[];

  beforeEach(async () => {
    time = new ManualTime();
    tries = 0;
    watchedAtLook = [];
    shared = new SharedMemory(time);
    here = testEngine(shared.core('here', tried), { timers: time.timers });
    there = testEngine(shared.core('there'), { timers: time.timers });
    await here.queues.create(ctx, 'q');
  });

  afterEach(() => Promise.all([here.drain(), there.drain()]));

  function tried({ kind }: MessageOp): void {
    if (kind !== 'claimNext') return;
    tries++;
    watchedAtLook.push(shared.signals.watched('here').length);
  }

  const post = (engine: Engine, count = 1) =>
    engine.messages.post(ctx, 'q', {
      poster: null,
      messages: Array.from({ length: count }, (_, i) => message(i)),
      key: null,
    });
  const claim = (changes = {}) => here.claims.create(ctx, 'q', { ...request, ...changes });

  it('answers as soon as another core has posted', async () => {
    const waiting = claim();
    await settle();
    await post(there);
    expect((await waiting).value?.messages).toHaveLength(1);
  });

  it('wakes by a release and hands on what a full claim left', async () => {
    await post(there, 4);
    const held = await there.claims.create(ctx, 'q', request);
    const waiting = [1, 2].map(() => claim({ limit: 2 }));
    await settle();
    await there.claims.release(ctx, 'q', held.value?.id ?? '');
    for (const answer of await Promise.all(waiting)) expect(answer.value?.messages).toHaveLength(2);
  });

  it('watches a queue once however many wait, from before the first look until the last one left', async () => {
    const gone = new AbortController();
    const first = here.claims.create(inProject('p', gone.signal), 'q', request);
    const second = claim();
    await settle();
    expect(watchedAtLook).toEqual([1, 1]);
    gone.abort();
    expect((await first).value).toBeNull();
    expect(shared.signals.watched('here')).toHaveLength(1);
    await post(there);
    expect((await second).value?.messages).toHaveLength(1);
    expect(shared.signals.watched('here')).toEqual([]);
  });

  it('does not lose what another core posts while the first look is under way', async () => {
    const waiting = claim();
    const ref = (await there.queues.find(ctx, 'q')).ref;
    shared.signals.tell('there', ref.uid);
    await settle();
    expect(tries).toBe(2);
    await post(there);
    expect((await waiting).value?.messages).toHaveLength(1);
  });

  it('parks again when a signal was for nothing', async () => {
    const waiting = claim();
    await settle();
    const { ref } = await there.queues.find(ctx, 'q');
    for (let i = 0; i < 3; i++) {
      shared.signals.tell('there', ref.uid);
      await settle();
    }
    expect([tries, here.load().waiters]).toEqual([4, 1]);
    await time.advance(30_000);
    expect((await waiting).value).toBeNull();
  });

  it('wakes a few of many for a signal, whatever it is about', async () => {
    const waiting = Array.from({ length: 100 }, () => claim());
    await settle();
    tries = 0;
    await post(there);
    await settle();
    expect(tries).toBeLessThanOrEqual(4);
    expect(here.load().waiters).toBe(99);
    await time.advance(30_000);
    await Promise.all(waiting);
  });

  it('looks by itself when signals are lost, one waiter of a queue every few seconds', async () => {
    shared.signals.deaf = true;
    const waiting = Array.from({ length: 100 }, () => claim({ limit: 1 }));
    await settle();
    tries = 0;
    await time.advance(12_500);
    expect(tries).toBe(3);
    await post(there, 3);
    await time.advance(4_000);
    expect(here.load().waiters).toBe(97);
    await time.advance(30_000);
    await Promise.all(waiting);
  });

  it('does not look by itself where nobody else uses the storage', async () => {
    await here.drain();
    const { signals, ...storage } = shared.core('here', tried);
    expect(signals).not.toBeNull();
    const capabilities = { ...storage.capabilities, shared: false };
    here = testEngine({ ...storage, capabilities, signals: null }, { timers: time.timers });
    const waiting = claim();
    await time.advance(29_000);
    expect([tries, shared.signals.watched('here')]).toEqual([1, []]);
    await time.advance(1_000);
    await waiting;
  });

  it('ends every wait at once when another core deletes the queue', async () => {
    const waiting = Array.from({ length: 400 }, () => claim());
    for (let i = 0; i < 5; i++) await settle();
    await there.queues.delete(ctx, 'q');
    await settle();
    expect(here.load().waiters).toBe(0);
    for (const answer of await Promise.all(waiting)) expect(answer.value).toBeNull();
    expect(shared.signals.watched('here')).toEqual([]);
  });

  it('goes on waiting for the new queue when it is deleted and made anew, for the rest of the wait', async () => {
    const waiting = [1, 2].map(() => claim());
    await time.advance(20_000);
    shared.signals.deaf = true;
    await there.queues.delete(ctx, 'q');
    await there.queues.create(ctx, 'q');
    shared.signals.deaf = false;
    await time.advance(5_000);
    expect([here.load().waiters, shared.signals.watched('here').length]).toEqual([2, 1]);
    await post(there);
    await settle();
    expect(here.load().waiters).toBe(1);
    await time.advance(5_000);
    const sizes = (await Promise.all(waiting)).map(({ value }) => value?.messages.length ?? 0);
    expect(sizes.sort()).toEqual([0, 1]);
  });
});
