import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History } from '../support/history/index.js';
import { overDoor } from '../support/load/door-access.js';
import { DoorError, type DoorClient } from '../support/load/door-client.js';
import { grpcClient } from '../support/load/grpc-client.js';
import { restClient } from '../support/load/rest-client.js';
import { figuresOf } from '../support/mongo/figures.js';
import { ManyClients, type Crowd } from '../support/mongo/many-clients.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';
import { WireProxy } from '../support/mongo/wire-proxy.js';
import { treeRss } from '../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
/** Of each of the three ways to be away, so many times. */
const ROUNDS = LONG ? 4 : 1;
const QUEUES = 4;
const CROWD: Crowd = { messages: LONG ? 4_000 : 700, producers: 2, workers: 2, readers: 1, backlog: 400 };
/** Milliseconds of load before each outage. */
const LOAD_MS = 2_000;
const RESUMED_MS = 5_000;
/** Every call ends by then: tries begin for 10 s, and each has 11 s with all that it waits for. */
const MOST_CALL_MS = 25_000;
const MOST_GROWTH = 96 * 1024 * 1024;

interface Outage {
  readonly name: string;
  begin(): Promise<void>;
  readonly ms: number;
  end(): Promise<void>;
}

let server: MongoServer;
let proxy: WireProxy;
let nodes: readonly RunningMarconi[];
let doors: readonly DoorClient[];

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'h2' });
  proxy = await WireProxy.open(Number(new URL(server.uri).port));
  const storage = `${proxy.uri}${freshDatabase()}`;
  nodes = [await startMarconi({ storage }), await startMarconi({ storage })];
  doors = nodes.flatMap(({ grpcAddress, restUrl }) => [grpcClient(grpcAddress), restClient(restUrl)]);
});
afterAll(async () => {
  for (const door of doors) door.close();
  await Promise.all(nodes.map((node) => node.stop()));
  await proxy.close();
  await server.stop();
});

const outages: readonly Outage[] = [
  { name: 'killed', begin: () => server.kill(), ms: 1_000, end: () => server.restart() },
  { name: 'paused', begin: () => server.pause(), ms: 5_000, end: async () => server.resume() },
  { name: 'cut off', begin: () => proxy.cut(), ms: 8_000, end: () => proxy.mend() },
];

/** What a caller is told: of which kind, whether with a time to try again, and how soon. */
async function refusal(door: DoorClient): Promise<{ error: DoorError | null; ms: number }> {
  const began = performance.now();
  const error = await door.post('probe', ['1']).then(
    () => null,
    (thrown: unknown) => thrown as DoorError,
  );
  return { error, ms: performance.now() - began };
}

/** Milliseconds until a post goes through at every door. */
async function resumption(): Promise<number> {
  const began = performance.now();
  await Promise.all(
    doors.map(async (door) => {
      for (;;) {
        if (
          await door.post('probe', ['2']).then(
            () => true,
            () => false,
          )
        )
          return;
        await sleep(50);
      }
    }),
  );
  return performance.now() - began;
}

/** What the nodes took for faults of their own. */
function faults(): readonly unknown[] {
  return nodes.flatMap((node) => node.logs()).filter(({ msg }) => msg === 'call failed');
}

const DOOR_REFUSALS = {
  grpc: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'],
  zmq: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'],
  rest: ['503'],
} as const;

function judge(door: DoorClient, { error, ms }: { error: DoorError | null; ms: number }): void {
  expect(ms).toBeLessThan(MOST_CALL_MS);
  if (error === null) return;
  expect(error).toBeInstanceOf(DoorError);
  expect(DOOR_REFUSALS[door.door]).toContain(error.status);
  expect(error.hinted).toBe(true);
  expect(error.message).toMatch(/database|connections|waiting/);
  expect(error.message).not.toMatch(/127\.0\.0\.1|Mongo|\bat .*\.js/);
}

test(
  `the database killed, paused and cut off ${3 * ROUNDS} times under load: clear errors, nothing lost, soon back, memory flat`,
  async () => {
    await doors[0]!.createQueue('probe');
    const histories = Array.from({ length: QUEUES }, () => new History());
    const crowds = await Promise.all(
      histories.map(async (history, at) => {
        const name = `queue-${at}`;
        await doors[0]!.createQueue(name);
        const grpc = doors.filter(({ door }) => door === 'grpc');
        const doorOf = (client: number) => overDoor(name, () => Promise.resolve(grpc[client % grpc.length]!));
        return new ManyClients(history, { door: doorOf, total: () => grpc[0]!.total(name) }, CROWD, at);
      }),
    );
    const exits: unknown[] = [];
    for (const node of nodes) void node.exited.then((code) => exits.push(code));
    const running = Promise.all(crowds.map((crowd) => crowd.run()));
    await sleep(LOAD_MS);
    const rss = nodes.map(({ pid }) => treeRss(pid));
    const resumed: Record<string, number[]> = {};
    let refusals = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, begin, ms, end } of outages) {
        await begin();
        const probes = doors.map(refusal);
        await sleep(ms);
        await end();
        const back = await resumption();
        (resumed[name] ??= []).push(Math.round(back));
        const told = await Promise.all(probes);
        expect(faults()).toEqual([]);
        told.forEach((each, at) => judge(doors[at]!, each));
        refusals += told.filter(({ error }) => error !== null).length;
        await Promise.all(doors.map((door) => door.health()));
        await sleep(LOAD_MS);
      }
    }
    await running;
    await Promise.all(crowds.map((crowd) => crowd.end()));
    const growth = nodes.map(({ pid }, at) => treeRss(pid) - rss[at]!);
    const records = histories.flatMap((history) => history.records());
    const violations = checkHistory(records);
    const mib = growth.map((bytes) => Math.round(bytes / 1024 / 1024));
    console.log(JSON.stringify({ ...figuresOf(records), resumed, refusals, mib, violations: violations.length }));
    expect(violations).toEqual([]);
    expect(Math.max(...Object.values(resumed).flat())).toBeLessThan(RESUMED_MS);
    expect(refusals).toBeGreaterThan(0);
    expect(exits).toEqual([]);
    for (const bytes of growth) expect(bytes).toBeLessThan(MOST_GROWTH);
  },
  (LONG ? 20 : 3) * 60_000,
);
