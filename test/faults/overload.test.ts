import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DoorClient } from '../support/load/door-client.js';
import { grpcClient } from '../support/load/grpc-client.js';
import type { LoadResult } from '../support/load/open-loop.js';
import { postFromOwnProcess } from '../support/load/posting.js';
import { restClient } from '../support/load/rest-client.js';
import { treeRss } from '../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { ShimControl } from '../support/shims/control.js';
import { shimEnv } from '../support/shims/library.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { waitFor } from '../support/wait.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const SECONDS = LONG ? 60 : 10;
const SYNC_MS = 50;
const OVERLOAD = 10;
/** Posts under way at once on each door, when the sustainable rate is measured, and in the overload: above its bound. */
const SUSTAINED_IN_FLIGHT = { grpc: 32, rest: 32 };
const MAX_IN_FLIGHT = { grpc: 600, rest: 300 };
/** More than any machine takes: as many as the calls in flight allow. */
const UNBOUNDED_RATE = 100_000;
/** The bars. */
const RSS_GROWTH = 64 * 1024 * 1024;
/** On a machine of its own; one that does other work stalls some calls by itself, and shows only whether all wait. */
const LATENCY_MS = LONG ? 200 : 400;
const WITHIN = LONG ? 0.99 : 0.5;
const NORMAL_MS = 2_000;

const QUEUE = 'load';
const PROBED = 'probed';

let root: string;
let control: ShimControl;
let node: RunningMarconi;
let clients: readonly DoorClient[];

beforeEach(async () => {
  root = realpathSync(makeTempDir('overload'));
  const folder = join(root, 'data');
  mkdirSync(folder, { mode: 0o700 });
  control = new ShimControl(join(root, 'control'));
  const shims = shimEnv({ shims: ['slowsync'], folder, controlFile: control.path });
  node = await startMarconi({ storage: `sqlite:${join(folder, 'marconi.db')}`, env: shims });
  clients = [grpcClient(node.grpcAddress), restClient(node.restUrl)];
  for (const queue of [QUEUE, PROBED]) await clients[0]?.createQueue(queue);
  await clients[0]?.post(
    PROBED,
    Array.from({ length: 50 }, () => '1'),
  );
});

afterEach(async () => {
  for (const client of clients) client.close();
  const exit = await node.stop();
  control.close();
  removeTempDir(root);
  expect(exit).toBe(0);
});

/** Posts through both doors at once, each from a process of its own, with half the rate. */
async function postThroughBoth(
  rate: number,
  seconds: number,
  inFlight: typeof MAX_IN_FLIGHT,
): Promise<readonly LoadResult[]> {
  const load = { queue: QUEUE, bodyBytes: 1_024, rate: rate / 2, seconds };
  return Promise.all([
    postFromOwnProcess({ ...load, door: 'grpc', target: node.grpcAddress, maxInFlight: inFlight.grpc }),
    postFromOwnProcess({ ...load, door: 'rest', target: node.restUrl, maxInFlight: inFlight.rest }),
  ]);
}

const accepted = (results: readonly LoadResult[]): number =>
  results.reduce((sum, { counts }) => sum + (counts.accepted ?? 0), 0);

/** Reads, claims and asks for health on both doors, one after the other, until told; times by kind of call. */
async function probe(stop: AbortSignal): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {};
  const timed = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await call();
    (times[name] ??= []).push(performance.now() - started);
    return result;
  };
  const round = async (client: DoorClient): Promise<void> => {
    await timed(`${client.door} list`, () => client.list(PROBED, '', 10));
    await timed(`${client.door} health`, () => client.health());
    const claim = await timed(`${client.door} claim`, () => client.claim(PROBED, 1, 60));
    if (claim !== null) await client.release(PROBED, claim.id);
  };
  const loop = async (client: DoorClient): Promise<void> => {
    while (!stop.aborted) {
      await round(client);
      await sleep(20);
    }
  };
  await Promise.all(clients.map(loop));
  return times;
}

/** The most memory that the node took until told. */
async function peakRss(stop: AbortSignal): Promise<number> {
  let peak = 0;
  for (; !stop.aborted; await sleep(100)) peak = Math.max(peak, treeRss(node.pid));
  return peak;
}

const within = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * WITHIN)] ?? Number.NaN;

test(`${OVERLOAD} times the sustainable rate for ${SECONDS} s on a disk of ${SYNC_MS} ms a sync`, async () => {
  // Heaps and caches reach their working size on a quick disk before growth is measured.
  const warmUp = await postThroughBoth(UNBOUNDED_RATE, 5, MAX_IN_FLIGHT);
  const hot = treeRss(node.pid);
  control.slowSyncs(SYNC_MS);
  const sustained = await postThroughBoth(UNBOUNDED_RATE, 3, SUSTAINED_IN_FLIGHT);
  const sustainable = accepted(sustained) / Math.max(...sustained.map(({ seconds }) => seconds));
  const before = Math.max(hot, treeRss(node.pid));

  const over = new AbortController();
  const watching = Promise.all([probe(over.signal), peakRss(over.signal)]);
  const results = await postThroughBoth(sustainable * OVERLOAD, SECONDS, MAX_IN_FLIGHT);
  over.abort();
  const normal = performance.now();
  await waitFor('posting', () => clients[0]?.post(QUEUE, ['1']).catch(() => null), { ms: NORMAL_MS, every: 20 });
  const normalAfter = performance.now() - normal;
  const [times, peak] = await watching;

  const outcomes = results.map(({ counts }) => Object.keys(counts).filter((name) => name !== 'skipped'));
  const told = [
    ['accepted', 'RESOURCE_EXHAUSTED with a time to try again'],
    ['accepted', '503 with a time to try again'],
  ];
  expect(outcomes.map((names) => names.sort())).toEqual(told.map((names) => names.sort()));
  expect(await clients[0]?.total(QUEUE)).toBe(accepted([...warmUp, ...sustained, ...results]) + 1);
  expect(peak - before).toBeLessThanOrEqual(RSS_GROWTH);
  const slow = Object.entries(times).map(([name, each]) => [name, within(each)] as const);
  expect(slow.filter(([, ms]) => ms > LATENCY_MS)).toEqual([]);
  expect(normalAfter).toBeLessThanOrEqual(NORMAL_MS);
});
