import { join } from 'node:path';
import {
  asEndpoint,
  copyStorage,
  CopyRefused,
  type CopyReport,
  type Endpoint,
} from '../../../src/storage/copy/index.js';
import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import { checkSqlite, openSqlite } from '../../../src/storage/drivers/sqlite/index.js';
import type { MessageOp, QueueRef, Storage, Transfer } from '../../../src/storage/ports/index.js';
import { answers, Script, START } from '../../support/storage-script.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

type Driver = 'memory' | 'sqlite';

const folder = makeTempDir('copy');
const opened: Storage[] = [];
let files = 0;

afterEach(async () => {
  await Promise.all(opened.splice(0).map((storage) => storage.close()));
});
afterAll(() => removeTempDir(folder));

interface Opened {
  readonly end: Endpoint;
  /** What its own check finds wrong. */
  readonly problems: () => readonly string[];
}

async function open(driver: Driver): Promise<Opened> {
  const path = join(folder, `${++files}.db`);
  const options = { path, synchronous: 'normal', reserveBytes: 0, ballastBytes: 0, execution: 'inline' } as const;
  const storage = driver === 'memory' ? openMemory() : await openSqlite(options);
  opened.push(storage);
  return { end: asEndpoint(storage)!, problems: () => (driver === 'memory' ? [] : checkSqlite(path).problems) };
}

/** The storage with another clock. */
function at(now: number, end: Endpoint): Endpoint {
  return Object.create(end, { clock: { value: { now: () => now, skew: 0 } } }) as Endpoint;
}

/** The storage with another transfer. */
function moving(end: Endpoint, transfer: Transfer): Endpoint {
  return Object.create(end, { transfer: { value: transfer } }) as Endpoint;
}

const ref = (n: number): QueueRef => ({ uid: String(n).repeat(32), pool: 'default' });

/** Opens and names the queues "1", "2" … of the project. */
async function makeQueues({ control, messages }: Storage, project: string | null, ...numbers: number[]): Promise<void> {
  const ops = numbers.map((n): MessageOp => ({ kind: 'open', queue: ref(n) }));
  await messages.apply({ ops, now: START });
  for (const n of numbers) await control.createQueue(project, String(n), ref(n), START + n);
}

let batches = 0;
async function post(storage: Storage, n: number, count: number, { now = START, ttl = 3_600 } = {}): Promise<void> {
  const batch = `b${String(++batches).padStart(15, '0')}`;
  const messages = Array.from({ length: count }, (_, i) => {
    return { body: Buffer.from(`${n}/${batches}/${i}`), contentType: '', ttl };
  });
  const key = { producer: 'p', sequence: String(batches), fingerprint: 'f', window: 600 };
  const op: MessageOp = { kind: 'post', queue: ref(n), batch, poster: null, messages, key };
  await storage.messages.apply({ ops: [op], now });
}

const claimOp = (n: number, limit: number, { claim = 'c', ttl = 900 } = {}): MessageOp => {
  return { kind: 'claimNext', queue: ref(n), claim, ttl, grace: 0, limit, maxBytes: 1e9 };
};

const copy = (source: Endpoint, target: Endpoint, now = START): Promise<CopyReport> =>
  copyStorage(at(now, source), at(now, target), () => undefined);

const PAIRS: readonly (readonly [Driver, Driver, number])[] = [
  ['memory', 'sqlite', 1],
  ['sqlite', 'memory', 2],
  ['sqlite', 'sqlite', 3],
  ['memory', 'memory', 4],
];

test.each(PAIRS)('%s to %s: the copy answers as the original does from then on, seed %i', async (from, to, seed) => {
  const [source, target] = [await open(from), await open(to)];
  const script = new Script(seed);
  await makeQueues(source.end, null, 1);
  await makeQueues(source.end, 'p', 2);
  await source.end.control.setMetadata('p', '2', Buffer.from('{"a": 1.0}'));
  const step = (): readonly MessageOp[] =>
    Array.from({ length: 1 + script.below(6) }, () => script.step(ref(1 + script.below(2))));
  const pass = (): number => (script.now += script.below(4) === 0 ? script.below(12_000) : script.below(400));
  for (let round = 0; round < 60; round++) {
    await source.end.messages.apply({ ops: step(), now: pass() });
    if (script.below(5) === 0) await source.end.messages.sweep(script.now, 40);
  }
  await post(source.end, 1, 70, { now: script.now });
  await source.end.messages.apply({ ops: [claimOp(1, 8)], now: script.now });

  const report = await copy(source.end, target.end, script.now);
  expect(report).toMatchObject({ identical: true, differing: [], others: 0, found: 0 });
  expect(report.source).toEqual(report.target);
  expect(report.source).toMatchObject({ queues: 2, messages: report.copied });
  expect(Math.min(report.source.messages, report.source.claimed, report.source.keys)).toBeGreaterThan(0);
  expect(target.problems()).toEqual([]);

  for (let round = 0; round < 60; round++) {
    const now = pass();
    const [ops, page, claim] = [step(), script.page(ref(1 + script.below(2))), script.claim()];
    const calls = [
      (s: Storage) => s.messages.list(page),
      (s: Storage) => s.messages.getClaim(page.queue, claim, page.maxBytes, now),
      (s: Storage) => s.messages.apply({ ops, now }),
      (s: Storage) => s.messages.stats(page.queue, now),
      (s: Storage) => s.control.listQueues({ project: 'p', after: '', limit: 9 }),
    ];
    const [expected, actual] = await Promise.all([source, target].map(({ end }) => answers(end, calls)));
    expect({ round, answers: actual }).toEqual({ round, answers: expected });
    if (script.below(3) === 0) await target.end.messages.sweep(now, 60);
  }
  expect(target.problems()).toEqual([]);
});

const WRITES = ['putQueue', 'putMessages', 'putKeys', 'nameQueue'];

/** A target whose writes fail from the n-th on. */
function breaking(end: Endpoint, n: number): Endpoint {
  let writes = 0;
  const get = (transfer: Transfer, name: keyof Transfer): unknown => {
    const method = transfer[name].bind(transfer) as (...args: unknown[]) => Promise<unknown>;
    return async (...args: unknown[]) => {
      if (WRITES.includes(name) && ++writes >= n) throw new Error('the power is cut');
      return method(...args);
    };
  };
  return moving(end, new Proxy(end.transfer, { get: (transfer, name) => get(transfer, name as keyof Transfer) }));
}

test.each(['memory', 'sqlite'] as const)('to %s: a copy that is cut at any write goes on where it was', async (to) => {
  const source = await open('memory');
  await makeQueues(source.end, 'p', 1, 2, 3);
  await post(source.end, 1, 1_100);
  await post(source.end, 2, 5);
  // The second claim's messages are in both pages.
  await source.end.messages.apply({ ops: [claimOp(1, 990), claimOp(1, 20, { claim: 'd' })], now: START });
  const found: number[] = [];
  for (let n = 1, whole = false; !whole; n++) {
    const target = await open(to);
    const cut = await copy(source.end, breaking(target.end, n)).catch((error: Error) => error.message);
    whole = typeof cut !== 'string';
    if (!whole) expect(cut).toBe('the power is cut');
    const report = await copy(source.end, target.end);
    const account = { queues: 3, messages: 1_105, claimed: 1_010, keys: 2 };
    expect(report).toMatchObject({ identical: true, source: account, target: account });
    expect(report.copied + report.found).toBe(1_105);
    expect(target.problems()).toEqual([]);
    found.push(report.found);
  }
  // Two pages, the records and the name of the first queue; a page, the records and the name of the second; the third.
  expect(found).toEqual([0, 0, 1_000, ...Array<number>(4).fill(1_100), ...Array<number>(5).fill(1_105)]);
});

test('markers that were given out are never given again, and what was deleted leaves its hole', async () => {
  const [source, target] = [await open('sqlite'), await open('sqlite')];
  await makeQueues(source.end, null, 1);
  await post(source.end, 1, 10);
  await source.end.messages.apply({
    ops: [{ kind: 'popNext', queue: ref(1), limit: 4, maxBytes: 1e6 }],
    now: START,
  });
  const [outcome] = await source.end.messages.apply({ ops: [claimOp(1, 9)], now: START });
  const claim = outcome && 'claim' in outcome ? outcome.claim : undefined;
  const ids = claim?.messages.map(({ id }) => id) ?? [];
  await source.end.messages.apply({ ops: [{ kind: 'deleteAll', queue: ref(1), ids: ids.slice(-2) }], now: START });
  expect(await copy(source.end, target.end)).toMatchObject({ identical: true, target: { messages: 4, claimed: 4 } });
  const ack: MessageOp = { kind: 'acknowledgeIfHolder', queue: ref(1), claim: 'c', ids: [ids[0]!] };
  const more: MessageOp = { kind: 'post', queue: ref(1), batch: 'x'.repeat(16), poster: null, messages: [], key: null };
  const last = { ...more, messages: [{ body: Buffer.from('1'), contentType: '', ttl: 60 }] };
  const outcomes = await target.end.messages.apply({ ops: [ack, last], now: START });
  expect(outcomes).toMatchObject([{ outcomes: ['acknowledged'] }, { first: 11 }]);
  expect(target.problems()).toEqual([]);
});

test('what is over at the time of the copy is left out, and an ended claim is none', async () => {
  const [source, target] = [await open('sqlite'), await open('sqlite')];
  await makeQueues(source.end, null, 1);
  await post(source.end, 1, 3, { ttl: 100 });
  await post(source.end, 1, 3, { ttl: 1_000 });
  await source.end.messages.apply({ ops: [claimOp(1, 9, { ttl: 60 })], now: START });
  const report = await copy(source.end, target.end, START + 700_000);
  expect(report).toMatchObject({ identical: true, copied: 3, target: { messages: 3, claimed: 0, keys: 0 } });
  const [message] = await target.end.transfer.messages(ref(1).uid, 0, 9, 1e6, START);
  expect(message).toMatchObject({ marker: 4, epoch: 1, attempt: 1, state: 0, due: 0, hold: null });
  expect(target.problems()).toEqual([]);
});

test('a queue of the same name and another incarnation is named, and nothing is written', async () => {
  const [source, target] = [await open('memory'), await open('sqlite')];
  await makeQueues(source.end, 'p', 1, 2);
  await target.end.control.createQueue('p', '2', ref(9), START);
  await target.end.messages.apply({ ops: [{ kind: 'open', queue: ref(9) }], now: START });
  await expect(copy(source.end, target.end)).rejects.toThrow(CopyRefused);
  await expect(copy(source.end, target.end)).rejects.toThrow(/\(queue 2 of project p\): delete them there/);
  expect(await target.end.control.findQueue('p', '1')).toBeNull();
  // The global project is no named one.
  const global = await open('memory');
  await makeQueues(global.end, null, 2);
  expect(await copy(global.end, target.end)).toMatchObject({ identical: true, others: 1 });
});

test('a queue that was changed after it was copied is named by the verification', async () => {
  const [source, target] = [await open('sqlite'), await open('sqlite')];
  await makeQueues(source.end, 'p', 1, 2, 3);
  for (const n of [1, 2, 3]) await post(source.end, n, 4);
  const first = await copy(source.end, target.end);
  expect(first.identical).toBe(true);
  await target.end.messages.apply({ ops: [{ kind: 'popNext', queue: ref(2), limit: 1, maxBytes: 9 }], now: START });
  await target.end.control.setMetadata('p', '3', Buffer.from('{"b":1}'));
  const again = await copy(source.end, target.end);
  expect(again).toMatchObject({ identical: false, copied: 0, found: 11, source: first.source });
  expect(again.differing).toEqual(['queue 2 of project p', 'queue 3 of project p']);
  expect(again.target.checksum).not.toBe(again.source.checksum);
  expect(again.target).toMatchObject({ queues: 3, messages: 11 });
});

test.each(['memory', 'sqlite'] as const)('%s: an incarnation that was fenced is not filled again', async (driver) => {
  const [source, target] = [await open('memory'), await open(driver)];
  await makeQueues(source.end, 'p', 1);
  await target.end.messages.apply({ ops: [{ kind: 'fence', queue: ref(1) }], now: START });
  const refusal = expect.objectContaining({ reason: 'STORAGE_UNAVAILABLE' }) as unknown;
  await expect(copy(source.end, target.end)).rejects.toEqual(refusal);
  await expect(target.end.transfer.putMessages(ref(1).uid, [])).rejects.toEqual(refusal);
  await expect(target.end.transfer.putKeys(ref(1).uid, [])).rejects.toEqual(refusal);
});

test.each(['memory', 'sqlite'] as const)(
  '%s: a server finds no part of a copy, and no orphan in it',
  async (driver) => {
    const { end } = await open(driver);
    const queue = { project: 'p', name: 'q', ref: ref(1), metadata: Buffer.from('{}'), createdAt: 1, nextMarker: 5 };
    await end.transfer.putQueue(queue);
    expect(await end.control.findQueue('p', 'q')).toBeNull();
    const [{ openedAt } = { openedAt: 0 }] = await end.messages.openQueues('', 9);
    expect(openedAt - end.clock.now()).toBeGreaterThan(6 * 86_400_000);
    expect(await end.transfer.nameQueue(queue)).toBe(true);
    expect(await end.transfer.nameQueue({ ...queue, ref: ref(2) })).toBe(false);
    expect(await end.transfer.nameQueue({ ...queue, metadata: Buffer.from('{"x":1}') })).toBe(true);
    expect((await end.control.findQueue('p', 'q'))?.metadata.toString()).toBe('{}');
  },
);
