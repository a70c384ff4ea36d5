import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History, recordEnd, type Operation } from '../support/history/index.js';
import { overDoor } from '../support/load/door-access.js';
import { grpcClient } from '../support/load/grpc-client.js';
import { WAYS } from '../support/load/ways.js';
import { Random } from '../support/random.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { waitFor } from '../support/wait.js';
import { MortalClient } from './mortal/client.js';
import { Fates } from './mortal/fates.js';
import { MortalNode } from './mortal/node.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
/** Acknowledged messages, and kills of each sort, at the least. */
const MESSAGES = LONG ? 100_000 : 4_000;
const KILLS = LONG ? { node: 60, producer: 110, worker: 110 } : { node: 20, producer: 12, worker: 12 };
type Victim = keyof typeof KILLS;
/** Messages from one kill of a sort to the next: percent of a fair share, a little less than it on average. */
const PARTS = [20, 160] as const;
/** And as many milliseconds more, so that one dies while others are down. */
const MOST_DELAY_MS = 200;
const LOOK_MS = 20;
/** Nothing is acknowledged for so long when something is wrong. */
const STALLED_MS = 60_000;
const QUEUE = 'crash';

const seed = Date.now() % 2 ** 31;
const random = new Random(seed);
let folder: string;
let node: MortalNode;
let clients: MortalClient[] = [];

beforeEach(() => {
  folder = makeTempDir('crash');
  node = new MortalNode(`sqlite:${folder}/marconi.db`, (news) => clients.forEach((client) => client.tell(news)));
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await node.end();
  removeTempDir(folder);
});

/** Counts the messages that were acknowledged, while it goes on. */
class Progress {
  posted = 0;
  /** True when nothing more is to be done, for good or ill. */
  isOver = false;
  private readonly answered = new Set<string>();

  /** Waits for so many, or for the end; rejects when it stands still. */
  async until(messages: number): Promise<void> {
    while (this.posted < messages && !this.isOver) {
      const { posted } = this;
      await waitFor('progress', () => this.posted > posted || this.isOver, { ms: STALLED_MS });
    }
  }

  readonly note = (op: Operation, { kind }: { readonly kind: string }): void => {
    const first = op.kind === 'post' ? op.values[0] : undefined;
    if (op.kind !== 'post' || kind !== 'ok' || first === undefined || this.answered.has(first)) return;
    this.answered.add(first);
    this.posted += op.values.length;
  };
}

const kills = (): Record<Victim, number> => {
  const of = (role: string): number =>
    clients.filter((client) => client.role === role).reduce((sum, client) => sum + client.kills, 0);
  return { node: node.kills, producer: of('producer'), worker: of('worker') };
};

/** One that lives and has done something. */
async function kill(victim: Victim): Promise<void> {
  if (victim === 'node') return node.kill();
  const atWork = () => clients.filter(({ role, isAtWork }) => role === victim && isAtWork);
  await waitFor(`a ${victim} at work`, () => atWork().length > 0, { ms: STALLED_MS });
  await random.pick(atWork()).kill();
}

/** Kills of one sort, by chance over the whole of the messages. */
async function killAll(victim: Victim, progress: Progress): Promise<void> {
  for (let next = 0; kills()[victim] < KILLS[victim];) {
    next += ((MESSAGES / KILLS[victim]) * random.between(...PARTS)) / 100;
    await progress.until(next);
    if (progress.isOver) return;
    await sleep(random.between(0, MOST_DELAY_MS));
    await kill(victim);
  }
}

/** Kills of all sorts while the messages are posted. */
async function killWhilePosting(progress: Progress): Promise<void> {
  await Promise.all((Object.keys(KILLS) as Victim[]).map((victim) => killAll(victim, progress)));
  await progress.until(MESSAGES);
}

/** Takes over what the clients write down, until it is told to end. */
async function collect(history: History, progress: Progress): Promise<void> {
  for (let last = false; !last;) {
    last = progress.isOver;
    for (const client of clients) {
      if (client.failure) throw new Error(client.failure);
      history.absorb(client.journal.lines());
    }
    if (!last) await sleep(LOOK_MS);
  }
}

/** Lets all clients come to rest, those that post first, and lists what is left. */
async function comeToRest(history: History): Promise<void> {
  const { grpcAddress } = await node.running;
  for (const role of ['producer', 'worker']) {
    const stopping = clients.filter((client) => client.role === role).map((client) => client.stop());
    expect(new Set(await Promise.all(stopping))).toEqual(new Set([0]));
  }
  const door = grpcClient(grpcAddress);
  await recordEnd(
    overDoor(QUEUE, async () => door),
    history,
    20,
  );
  door.close();
  expect(await (await node.running).stop()).toBe(0);
}

/** Starts all clients, kills them and the node, and lets them come to rest. */
async function load(): Promise<History> {
  const progress = new Progress();
  const history = new History({ onEnd: progress.note });
  const first = grpcClient((await node.running).grpcAddress);
  await first.createQueue(QUEUE);
  first.close();
  const world = { folder, queue: QUEUE, random, latest: () => node.latest };
  clients = WAYS.flatMap((way) => (['producer', 'worker'] as const).map((role) => new MortalClient(role, way, world)));
  const collecting = collect(history, progress);
  try {
    await Promise.race([collecting, killWhilePosting(progress)]);
    await comeToRest(history);
  } finally {
    progress.isOver = true;
  }
  await collecting;
  return history;
}

const secondsSince = (began: number): number => Math.round(performance.now() - began) / 1000;

test(`${JSON.stringify(KILLS)} kills while ${MESSAGES} messages go every way: none is lost, doubled or held twice`, async () => {
  const began = performance.now();
  const records = (await load()).records();
  const loaded = performance.now();
  const violations = checkHistory(records);
  const seconds = { all: secondsSince(began), check: secondsSince(loaded) };
  const fates = new Fates(records);
  const { acknowledged, resolved, repeated, unresolved } = fates;
  const { lost, ...ends } = fates.count();
  const counts = { acknowledged: acknowledged.length, ...ends, resolved: resolved.length, calls: records.length };
  const mebibytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(JSON.stringify({ seed, kills: kills(), ...counts, seconds, mebibytes }));

  const none = { violations: [], lost: [], repeated: [], unresolved: [] };
  expect({ seed, violations, lost, repeated, unresolved }).toEqual({ seed, ...none });
  expect(counts.acknowledged).toBeGreaterThanOrEqual(MESSAGES);
  expect(counts.removed).toBeGreaterThan(MESSAGES / 4);
  expect(counts.resolved).toBeGreaterThan(KILLS.node);
  for (const way of WAYS) expect(resolved.filter((client) => client.startsWith(`producer-${way}-`))).not.toEqual([]);
});
