import { parseClientId } from '../../../../src/domain/client-id.js';
import type { Engine, FollowedPage, Follower, FollowOptions } from '../../../../src/engine/api.js';
import { openMemory } from '../../../../src/storage/drivers/memory/index.js';
import { inProject, message, testEngine } from '../../../support/engine.js';
import { ManualTime, settle } from '../../../support/manual-time.js';

const ctx = inProject('p');
const ME = parseClientId('6f0f1d0f8e0f4a7c9a55000000000001');
const SILENCE_MS = 15_000;
const OPTIONS: FollowOptions = {
  from: { kind: 'after', marker: 0 },
  caller: null,
  echo: false,
  includeClaimed: false,
  limit: 256,
  maxBytes: 1_000_000,
};

describe('a follower', () => {
  let time: ManualTime;
  let engine: Engine;
  let reads: number;

  beforeEach(async () => {
    time = new ManualTime();
    reads = 0;
    const storage = openMemory({ clock: time });
    const { messages } = storage;
    const list: typeof messages.list = (query) => {
      reads++;
      return messages.list(query);
    };
    const counted = new Proxy(messages, {
      get: (target, key) => (key === 'list' ? list : (Reflect.get(target, key) as () => unknown).bind(target)),
    });
    engine = testEngine({ ...storage, messages: counted }, { timers: time.timers });
    await engine.queues.create(ctx, 'q');
  });
  afterEach(() => engine.drain());

  const follow = (changes: Partial<FollowOptions> = {}, signal?: AbortSignal): Promise<Follower> =>
    engine.delivery.follow(inProject('p', signal), 'q', { ...OPTIONS, ...changes });
  const post = (count: number, poster: FollowOptions['caller'] = null) =>
    engine.messages.post(ctx, 'q', {
      poster,
      messages: Array.from({ length: count }, (_, n) => message(n)),
      key: null,
    });
  const markers = ({ messages }: FollowedPage): number[] => messages.map(({ marker }) => marker);

  it('gives each message once, in order, in pages', async () => {
    await post(5);
    const follower = await follow({ limit: 2 });
    const pages = [await follower.next(SILENCE_MS), await follower.next(SILENCE_MS), await follower.next(SILENCE_MS)];
    expect(pages.map(markers)).toEqual([[1, 2], [3, 4], [5]]);
    expect(pages.map(({ previous }) => previous)).toEqual([0, 2, 4]);
    expect(follower.position).toBe(5);
    const next = follower.next(SILENCE_MS);
    await settle();
    await post(1);
    expect(markers(await next)).toEqual([6]);
  });

  it('bounds a page by bytes, and gives one message in any case', async () => {
    await post(3);
    const follower = await follow({ maxBytes: 0 });
    expect(markers(await follower.next(SILENCE_MS))).toEqual([1]);
    expect(markers(await follower.next(SILENCE_MS))).toEqual([2]);
  });

  it('reads once for much that came while it did not read, and not at all for what others claim', async () => {
    const follower = await follow({ includeClaimed: true });
    const next = follower.next(SILENCE_MS);
    await settle();
    await post(20);
    expect(markers(await next)).toHaveLength(20);
    for (let n = 0; n < 20; n++) await post(1);
    reads = 0;
    expect(markers(await follower.next(SILENCE_MS))).toHaveLength(20);
    const waiting = follower.next(SILENCE_MS);
    await settle();
    // Once to find them, once for the news of them, and then it sleeps.
    expect(reads).toBe(3);
    const request = { ttl: 60, grace: 60, limit: 10, waitMs: 30_000 };
    for (let n = 0; n < 4; n++) await engine.claims.create(ctx, 'q', request);
    await settle();
    expect(reads).toBe(3);
    await post(1);
    expect(markers(await waiting)).toHaveLength(1);
  });

  it('begins after a marker, after a message, now, and tells what is none of these', async () => {
    const { ids } = await post(3);
    const from = async (place: FollowOptions['from']) => (await follow({ from: place })).position;
    expect(await from({ kind: 'after', marker: 2 })).toBe(2);
    expect(await from({ kind: 'afterMessage', id: ids[1]! })).toBe(2);
    expect(await from({ kind: 'now' })).toBe(3);
    await expect(from({ kind: 'afterMessage', id: `m${'x'.repeat(16)}-0` })).rejects.toMatchObject({
      reason: 'MESSAGE_NOT_FOUND',
    });
    await expect(from({ kind: 'nowhere' })).rejects.toMatchObject({ violations: [{ field: 'marker' }] });
    await engine.queues.create(ctx, 'empty');
    expect((await engine.delivery.follow(ctx, 'empty', { ...OPTIONS, from: { kind: 'now' } })).position).toBe(0);
  });

  it('leaves out own messages and claimed ones unless asked for them', async () => {
    await post(1, ME);
    await post(1);
    await engine.claims.create(ctx, 'q', { ttl: 60, grace: 60, limit: 1, waitMs: 0 });
    await post(1, ME);
    const shown = async (changes: Partial<FollowOptions>) => {
      const follower = await follow({ caller: ME, ...changes });
      return markers(await follower.next(SILENCE_MS));
    };
    expect(await shown({})).toEqual([2]);
    expect(await shown({ echo: true })).toEqual([2, 3]);
    expect(await shown({ echo: true, includeClaimed: true })).toEqual([1, 2, 3]);
  });

  it('tells of silence, and finds by then what nobody told of', async () => {
    await post(1);
    await engine.claims.create(ctx, 'q', { ttl: 60, grace: 60, limit: 1, waitMs: 0 });
    const follower = await follow();
    let told: FollowedPage[] = [];
    const pull = async () => {
      for (;;) told.push(await follower.next(SILENCE_MS));
    };
    pull().catch(() => undefined);
    await settle();
    await time.advance(SILENCE_MS - 1);
    expect(told).toEqual([]);
    await time.advance(1);
    expect(told).toMatchObject([{ messages: [], previous: 0 }]);
    told = [];
    // The claim ends; no step tells of that.
    await time.advance(60_000);
    expect(told.flatMap(markers)).toEqual([1]);
  });

  it('ends with its queue, also when another of that name is made', async () => {
    const follower = await follow();
    const next = follower.next(SILENCE_MS);
    const refused = expect(next).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    await settle();
    await engine.queues.delete(ctx, 'q');
    await engine.queues.create(ctx, 'q');
    await refused;
    await expect(follower.next(SILENCE_MS)).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    await engine.queues.delete(ctx, 'q');
    await expect(follow()).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
  });

  it('ends when the caller gives up and when the node drains, and leaves nothing behind', async () => {
    const gone = new AbortController();
    const [one, other] = [await follow({}, gone.signal), await follow()];
    const given = expect(one.next(SILENCE_MS)).rejects.toMatchObject({ reason: 'CANCELLED' });
    const drained = expect(other.next(SILENCE_MS)).rejects.toMatchObject({ reason: 'DRAINING' });
    await settle();
    expect(engine.load().followers).toBe(2);
    gone.abort();
    await given;
    await engine.drain();
    await drained;
    one.end();
    other.end();
    expect(engine.load().followers).toBe(0);
    await expect(follow()).rejects.toMatchObject({ reason: 'DRAINING' });
  });
});
