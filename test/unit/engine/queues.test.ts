import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import type { Engine } from '../../../src/engine/api.js';
import type { Storage } from '../../../src/storage/ports/index.js';
import { deafObserver, inProject, message, testEngine } from '../../support/engine.js';
import { ManualTime, settle } from '../../support/manual-time.js';

const ctx = inProject('p');
const one = { poster: null, messages: [message(1)], key: null };
const all = {
  position: { kind: 'after', marker: 0 },
  limit: 20,
  caller: null,
  echo: true,
  includeClaimed: true,
} as const;

describe('queues and their incarnations', () => {
  let time: ManualTime;
  let storage: Storage;
  let engine: Engine;

  beforeEach(() => {
    time = new ManualTime();
    storage = openMemory({ clock: time });
    engine = testEngine(storage, { timers: time.timers });
  });

  afterEach(() => engine.drain());

  it('creates once, finds, lists, and deletes', async () => {
    expect(await engine.queues.create(ctx, 'q')).toEqual({ created: true });
    expect(await engine.queues.create(ctx, 'q')).toEqual({ created: false });
    expect((await engine.queues.find(ctx, 'q')).name).toBe('q');
    expect(await engine.queues.list(ctx, { after: '', limit: 10 })).toHaveLength(1);
    expect(await engine.queues.delete(ctx, 'q')).toEqual({ deleted: true });
    expect(await engine.queues.delete(ctx, 'q')).toEqual({ deleted: false });
    await expect(engine.queues.find(ctx, 'q')).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
  });

  it('sets metadata of what exists only', async () => {
    await expect(engine.queues.setMetadata(ctx, 'q', Buffer.from('{}'))).rejects.toMatchObject({
      reason: 'QUEUE_NOT_FOUND',
    });
    await engine.queues.create(ctx, 'q');
    await engine.queues.setMetadata(ctx, 'q', Buffer.from('{"a": 1}'));
    expect(Buffer.from((await engine.queues.find(ctx, 'q')).metadata).toString()).toBe('{"a": 1}');
  });

  it('answers for a missing queue as the API says (rest-v1 section 4)', async () => {
    await expect(engine.messages.post(ctx, 'q', one)).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    await expect(engine.queues.stats(ctx, 'q')).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    expect((await engine.messages.list(ctx, 'q', all)).value).toEqual([]);
    expect((await engine.messages.getMany(ctx, 'q', ['x'])).value).toEqual([]);
    await expect(engine.messages.get(ctx, 'q', 'x')).rejects.toMatchObject({ reason: 'MESSAGE_NOT_FOUND' });
    expect(await engine.messages.delete(ctx, 'q', 'x', null)).toEqual({ deleted: false });
    expect(await engine.messages.deleteMany(ctx, 'q', ['x'])).toEqual({ deleted: 0 });
    expect((await engine.messages.pop(ctx, 'q', 10)).value).toEqual([]);
    await expect(engine.claims.get(ctx, 'q', 'c')).rejects.toMatchObject({ reason: 'CLAIM_NOT_FOUND' });
    await expect(engine.claims.renew(ctx, 'q', 'c', 60, 0)).rejects.toMatchObject({ reason: 'CLAIM_NOT_FOUND' });
    expect(await engine.claims.release(ctx, 'q', 'c')).toEqual({ released: 0 });
    expect(await engine.claims.acknowledge(ctx, 'q', 'c', ['x'])).toEqual(['alreadyGone']);
  });

  it('shows nothing old after delete and create through another engine', async () => {
    const other = testEngine(storage, { timers: time.timers });
    await engine.queues.create(ctx, 'q');
    await engine.messages.post(ctx, 'q', one);
    await other.queues.delete(ctx, 'q');
    await other.queues.create(ctx, 'q');
    expect((await engine.messages.list(ctx, 'q', all)).value).toEqual([]);
    await engine.messages.post(ctx, 'q', one);
    expect((await other.queues.stats(ctx, 'q')).value.total).toBe(1);
    await other.drain();
  });

  it('leaves one incarnation when two engines create at once', async () => {
    const other = testEngine(storage, { timers: time.timers });
    const made = await Promise.all([engine.queues.create(ctx, 'q'), other.queues.create(ctx, 'q')]);
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(await storage.messages.openQueues('', 10)).toHaveLength(1);
    await other.drain();
  });

  it('gives up on an incarnation that is gone though its name is there', async () => {
    await engine.queues.create(ctx, 'q');
    const { ref } = await engine.queues.find(ctx, 'q');
    await storage.messages.apply({ ops: [{ kind: 'fence', queue: ref }], now: time.now() });
    await expect(engine.messages.post(ctx, 'q', one)).rejects.toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    expect(await storage.control.findQueue('p', 'q')).toBeNull();
  });

  it('makes a queue anew whose deletion broke off between the fence and the name', async () => {
    await engine.queues.create(ctx, 'q');
    await engine.messages.post(ctx, 'q', one);
    const { ref } = await engine.queues.find(ctx, 'q');
    await storage.messages.apply({ ops: [{ kind: 'fence', queue: ref }], now: time.now() });
    expect(await engine.queues.create(ctx, 'q')).toEqual({ created: true });
    expect((await engine.messages.list(ctx, 'q', all)).value).toEqual([]);
  });

  it('ends a deletion that broke off there when it is asked for again', async () => {
    const other = testEngine(storage, { timers: time.timers });
    await engine.queues.create(ctx, 'q');
    await other.messages.post(ctx, 'q', one);
    const { ref } = await engine.queues.find(ctx, 'q');
    await storage.messages.apply({ ops: [{ kind: 'fence', queue: ref }], now: time.now() });
    expect(await engine.queues.delete(ctx, 'q')).toEqual({ deleted: true });
    expect(await engine.queues.delete(ctx, 'q')).toEqual({ deleted: false });
    await engine.queues.create(ctx, 'q');
    expect((await other.messages.list(ctx, 'q', all)).value).toEqual([]);
    await other.drain();
  });

  it('fences incarnations that lost their name, and leaves young and named ones', async () => {
    await engine.queues.create(ctx, 'named');
    const open = (uid: string) =>
      storage.messages.apply({ ops: [{ kind: 'open', queue: { uid, pool: 'default' } }], now: time.now() });
    await open('orphan');
    await time.advance(55_000);
    await open('young');
    await time.advance(20_000);
    const uids = (await storage.messages.openQueues('', 10)).map(({ uid }) => uid);
    expect(uids).toHaveLength(2);
    expect(uids).toContain('young');
  });

  it('looks at every page of incarnations for orphans', async () => {
    for (let i = 0; i < 250; i++) {
      const uid = `orphan${String(i).padStart(3, '0')}`;
      await storage.messages.apply({ ops: [{ kind: 'open', queue: { uid, pool: 'default' } }], now: time.now() });
    }
    await time.advance(90_000);
    expect(await storage.messages.openQueues('', 10)).toEqual([]);
  });

  it('tells the depths of the queues used last, without those that are gone', async () => {
    for (const name of ['a', 'b', 'c']) {
      await engine.queues.create(ctx, name);
      await engine.messages.post(ctx, name, one);
    }
    await time.advance(5_000);
    const other = testEngine(storage, { timers: time.timers });
    await other.queues.delete(ctx, 'b');
    await other.drain();
    const depths = await engine.depths(2);
    expect(depths).toEqual([{ project: 'p', queue: 'c', total: 1, claimed: 0, oldestAgeMs: 5_000 }]);
  });

  it('tells its status, and refuses new work while it drains', async () => {
    await engine.queues.create(ctx, 'q');
    expect(await engine.status()).toMatchObject({ driver: 'memory', durability: 'memory', draining: false });
    await engine.drain();
    expect((await engine.status()).draining).toBe(true);
    const draining = { reason: 'DRAINING' };
    await expect(engine.messages.post(ctx, 'q', one)).rejects.toMatchObject(draining);
    await expect(engine.queues.create(ctx, 'r')).rejects.toMatchObject(draining);
    await expect(engine.queues.setMetadata(ctx, 'q', Buffer.from('{}'))).rejects.toMatchObject(draining);
    await expect(engine.messages.pop(ctx, 'q', 1)).rejects.toMatchObject(draining);
    expect((await engine.messages.list(ctx, 'q', all)).value).toEqual([]);
  });

  it('goes on sweeping and collecting after a failure, and tells of it', async () => {
    const troubles: string[] = [];
    const swept: number[] = [];
    let failures = 2;
    const failing = new Proxy(storage.messages, {
      get: (target, key) => {
        if ((key === 'sweep' || key === 'openQueues') && failures > 0) {
          return () => Promise.reject(new Error(`no ${String(failures--)}`));
        }
        return (Reflect.get(target, key) as () => unknown).bind(target);
      },
    });
    const observer = {
      ...deafObserver,
      troubled: (task: string) => void troubles.push(task),
      swept: (rows: number) => void swept.push(rows),
    };
    const other = testEngine({ ...storage, messages: failing }, { timers: time.timers, observer });
    await time.advance(2_000);
    failures = 1;
    await time.advance(30_000);
    expect(troubles).toContain('sweep');
    expect(swept.length).toBeGreaterThan(0);
    await other.drain();
    await settle();
  });
});
