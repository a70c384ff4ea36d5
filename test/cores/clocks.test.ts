import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History, Producer, Reader, recordEnd, Worker } from '../support/history/index.js';
import { BareCore } from '../support/mongo/bare-core-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';
import { Random } from '../support/random.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const CLOCKS = ['+1h', '+0', '-1h'] as const;
const HOUR_MS = 3_600_000;
/** Seconds that claims and messages last. */
const TTL = 2;
const ROUNDS = LONG ? 10 : 1;
const LOAD_MS = LONG ? 60_000 : 6_000;
/** Everything ends on whole seconds, rounded up. */
const TICK_MS = 1_000;
/** What the cores' clocks may be apart, which a taker waits out. */
const SKEW_MS = 1_000;
const AGREE_MS = 1_000;
const LOOK_MS = 50;
/** What the cores' clocks are wrong by in fact, far below their bound. */
const CLOCK_MS = 50;
/** What a call may take on a busy machine. */
const CALL_MS = 1_000;

let server: MongoServer;
let cores: readonly BareCore[];
beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  const database = freshDatabase();
  cores = await Promise.all(CLOCKS.map((ahead) => BareCore.start(server.uri, database, ahead)));
});
afterAll(async () => {
  await Promise.all(cores.map((core) => core.stop()));
  await server.stop();
});

/** When something was last so and first not so any more, on the tests' clock; the change was in between. */
interface End {
  readonly last: number;
  readonly first: number;
}

/** Asks until the answer is no. */
async function endOf(isSo: () => Promise<boolean>): Promise<End> {
  for (let last = 0; ;) {
    const asked = performance.now();
    if (!(await isSo())) return { last, first: performance.now() };
    last = asked;
    await sleep(LOOK_MS);
  }
}

/** How far apart the changes certainly were. */
function apart(ends: readonly End[]): number {
  return Math.max(0, Math.max(...ends.map(({ last }) => last)) - Math.min(...ends.map(({ first }) => first)));
}

const each = (run: (core: BareCore, at: number) => Promise<void>): Promise<unknown> => Promise.all(cores.map(run));
const round = (ms: number): number => Math.round(ms);

test('the cores see wall clocks that are an hour apart, and one time of the store', async () => {
  const read = await Promise.all(cores.map((core) => core.clocks()));
  const [fast, , slow] = read;
  expect(Math.abs(fast!.wall - slow!.wall - 2 * HOUR_MS)).toBeLessThan(CALL_MS);
  const stores = read.map(({ store }) => store);
  expect(Math.max(...stores) - Math.min(...stores)).toBeLessThan(CALL_MS);
});

describe.each(Array.from({ length: ROUNDS }, (_, number) => number))('round %d', (number) => {
  test('a claim made on any core lives on all until its end, no longer, and is then taken over', async () => {
    const figures: Record<string, unknown>[] = [];
    await each(async (holder, at) => {
      const queue = `claims-${number}-${at}`;
      const access = cores.map((core) => core.queue(queue));
      await access[0]!.post(['a', 'b'], 600, null);
      const called = performance.now();
      const claim = (await holder.queue(queue).claim(TTL, 0, 2))!;
      const answered = performance.now();
      const ends = Promise.all(cores.map((core) => endOf(() => core.claimLives(queue, claim.claim))));
      // Every other core tries to take the messages all the time.
      const others = access.filter((_, other) => other !== at);
      const taken = Promise.all(others.map((other) => endOf(async () => (await other.claim(60, 0, 1)) === null)));
      const [seen, takes] = [await ends, await taken];
      const first = Math.min(...seen.map((end) => end.first));
      const last = Math.max(...seen.map((end) => end.last));
      const took = takes.map((take) => take.first);
      figures.push({
        made: CLOCKS[at],
        seenOverAfter: seen.map((end) => round(end.first - answered)),
        apart: round(apart(seen)),
        takenAfter: took.map((ms) => round(ms - answered)),
      });
      // The claim may have been made at any time of the call.
      expect(first).toBeGreaterThanOrEqual(called + TTL * 1_000 - CLOCK_MS);
      expect(last).toBeLessThanOrEqual(answered + TTL * 1_000 + TICK_MS + CLOCK_MS);
      expect(apart(seen)).toBeLessThanOrEqual(AGREE_MS);
      expect(Math.min(...took)).toBeGreaterThanOrEqual(called + TTL * 1_000);
      expect(Math.max(...took)).toBeLessThanOrEqual(answered + TTL * 1_000 + TICK_MS + SKEW_MS + CALL_MS);
    });
    console.log(JSON.stringify(figures));
  });

  test('a claim is renewed on any core, for all', async () => {
    await each(async (holder, at) => {
      const queue = `renewals-${number}-${at}`;
      await holder.queue(queue).post(['a'], 600, null);
      const { claim } = (await holder.queue(queue).claim(TTL, 0, 1))!;
      const other = cores[(at + 1) % cores.length]!;
      await sleep((TTL * 1_000) / 2);
      const called = performance.now();
      expect(await other.queue(queue).renew(claim, TTL, 0)).toBe(true);
      const answered = performance.now();
      const seen = await Promise.all(cores.map((core) => endOf(() => core.claimLives(queue, claim))));
      expect(Math.min(...seen.map((end) => end.first))).toBeGreaterThanOrEqual(called + TTL * 1_000 - CLOCK_MS);
      expect(Math.max(...seen.map((end) => end.last))).toBeLessThanOrEqual(answered + TTL * 1_000 + TICK_MS + CLOCK_MS);
      expect(apart(seen)).toBeLessThanOrEqual(AGREE_MS);
    });
  });

  test('a message posted through any core expires on all at once', async () => {
    const figures: Record<string, unknown>[] = [];
    await each(async (poster, at) => {
      const queue = `lives-${number}-${at}`;
      const called = performance.now();
      await poster.queue(queue).post(['a'], TTL, null);
      const answered = performance.now();
      const isThere = (core: BareCore) => async () => (await core.queue(queue).list('', 10)).messages.length > 0;
      const seen = await Promise.all(cores.map((core) => endOf(isThere(core))));
      const gone = seen.map((end) => round(end.first - answered));
      figures.push({ posted: CLOCKS[at], goneAfter: gone, apart: round(apart(seen)) });
      expect(Math.min(...seen.map((end) => end.first))).toBeGreaterThanOrEqual(called + TTL * 1_000 - CLOCK_MS);
      expect(Math.max(...seen.map((end) => end.last))).toBeLessThanOrEqual(answered + TTL * 1_000 + TICK_MS + CLOCK_MS);
      expect(apart(seen)).toBeLessThanOrEqual(AGREE_MS);
    });
    console.log(JSON.stringify(figures));
  });
});

test(`under claims that often end, for ${LOAD_MS / 1000} s: none is ended early or held twice, nothing is shown after its life`, async () => {
  const history = new History();
  const random = new Random(8);
  const until = performance.now() + LOAD_MS;
  const go = async (client: { step(): Promise<number | null> }): Promise<void> => {
    while (performance.now() < until) {
      await client.step();
      await sleep(random.between(20, 200));
    }
  };
  const posting = { batch: 3, ttls: [2, 4, 600], repeats: 0.05 };
  const working = { limit: 4, ttl: 2, grace: 0, finish: 3, part: 2, renew: 2, release: 1, idle: 8 };
  const door = (at: number) => cores[at]!.queue('load');
  await each(async (_, at) => {
    await Promise.all([
      ...[1, 2].map((n) => go(new Producer(door(at), history, `producer-${at}-${n}`, posting, random))),
      ...[1, 2, 3].map((n) => go(new Worker(door(at), history, `worker-${at}-${n}`, working, random))),
      go(new Reader(door(at), history, `reader-${at}`, 20)),
    ]);
  });
  await recordEnd(door(0), history, 100);
  const claims = history
    .records()
    .filter(({ op, ending }) => op.kind === 'claim' && ending.kind === 'ok' && ending.result);
  const violations = checkHistory(history);
  console.log(JSON.stringify({ operations: history.size, claims: claims.length, violations: violations.length }));
  expect(violations).toEqual([]);
  expect(claims.length).toBeGreaterThan(20);
});
