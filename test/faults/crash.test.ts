import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History, recordEnd, type Recorded } from '../support/history/index.js';
import { overDoor } from '../support/load/door-access.js';
import type { DoorClient } from '../support/load/door-client.js';
import { grpcClient } from '../support/load/grpc-client.js';
import { HistoryLoad } from '../support/load/history-load.js';
import { restClient } from '../support/load/rest-client.js';
import { streamClient } from '../support/load/stream-client.js';
import { zmqClient } from '../support/load/zmq-client.js';
import { Random } from '../support/random.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';

const KILLS = process.env.MARCONI_TEST_TIER === 'long' ? 1_000 : 30;
/** A life ends after so many answers, by chance. */
const ANSWERS = [20, 400] as const;
/** How often, of the looks in between, a door loses its clients. */
const CUT = 0.01;
const QUEUE = 'crash';
/** Single calls through each door, streams, and ZeroMQ with its pipelines. */
const WAYS = ['grpc', 'rest', 'stream', 'zmq'] as const;
type Way = (typeof WAYS)[number];
/** Its claims live as long as those of the other doors' workers. */
const PUSH = { role: 'push', listen: 'tcp://127.0.0.1:0', project: null, domain: 'work', ttl: 600 };

let folder: string;
beforeEach(() => {
  folder = makeTempDir('crash');
});
afterEach(() => removeTempDir(folder));

/** A node that is killed and started again, and its doors; a caller waits while they are down. */
class MortalNode {
  private up: Promise<{ node: RunningMarconi; doors: Record<Way, DoorClient> }>;

  constructor(private readonly storage: string) {
    this.up = this.start();
  }

  async door(door: Way): Promise<DoorClient> {
    return (await this.up).doors[door];
  }

  /** kill -9, and a new start. */
  async kill(): Promise<void> {
    const { node, doors } = await this.up;
    node.kill('SIGKILL');
    this.up = node.exited.then(() => this.start());
    for (const door of Object.values(doors)) door.close();
    await this.up;
  }

  /** The clients of one door are gone in the middle of whatever they did, and others come. */
  async cut(way: Way): Promise<void> {
    const { node, doors } = await this.up;
    this.up = Promise.resolve(open(node, way)).then((other) => ({ node, doors: { ...doors, [way]: other } }));
    doors[way].close();
    await this.up;
  }

  async stop(): Promise<number | NodeJS.Signals> {
    const { node, doors } = await this.up;
    for (const door of Object.values(doors)) door.close();
    return node.stop();
  }

  private async start() {
    const args = [`--zmq-endpoints=${JSON.stringify([PUSH])}`];
    const node = await startMarconi({ storage: this.storage, args });
    const doors = await Promise.all(WAYS.map(async (way) => [way, await open(node, way)] as const));
    return { node, doors: Object.fromEntries(doors) as Record<Way, DoorClient> };
  }
}

/** A client of each kind. */
function open(node: RunningMarconi, way: Way): DoorClient | Promise<DoorClient> {
  switch (way) {
    case 'grpc':
      return grpcClient(node.grpcAddress);
    case 'rest':
      return restClient(node.restUrl);
    case 'stream':
      return streamClient(node.grpcAddress);
    case 'zmq':
      return zmqClient({
        router: node.zmqAddress('router'),
        pull: node.zmqAddress('pull'),
        push: { address: node.zmqAddress(PUSH.domain), domain: PUSH.domain },
      });
  }
}

/** Posts that never got an answer, not even by repeating them under their key. */
function unresolved(records: readonly Recorded[]): string[] {
  const answered = new Set<string>();
  const asked = new Set<string>();
  for (const { op, ending } of records) {
    if (op.kind !== 'post') continue;
    asked.add(op.values.join());
    if (ending.kind === 'ok') answered.add(op.values.join());
  }
  return [...asked].filter((values) => !answered.has(values));
}

test(`${KILLS} kills under load over every door, of the node and of clients: the history shows no fault`, async () => {
  const seed = Date.now() % 2 ** 31;
  const random = new Random(seed);
  const node = new MortalNode(`sqlite:${folder}/marconi.db`);
  await (await node.door('grpc')).createQueue(QUEUE);
  const history = new History();
  const doors = WAYS.map((door) => overDoor(QUEUE, () => node.door(door)));
  const load = new HistoryLoad(history, doors, seed);
  for (let kills = 0; kills < KILLS; kills++) {
    const until = history.size + random.between(...ANSWERS);
    while (history.size < until) {
      await sleep(5);
      if (random.chance(CUT)) await node.cut(random.pick(WAYS));
    }
    await node.kill();
  }
  await load.stop();
  await recordEnd(doors[0]!, history, 20);
  expect(await node.stop()).toBe(0);
  const records = history.records();
  const doubtful = records.filter(({ op, ending }) => op.kind === 'post' && ending.kind === 'unknown').length;
  expect({ seed, violations: checkHistory(history) }).toEqual({ seed, violations: [] });
  expect(unresolved(records)).toEqual([]);
  expect(doubtful).toBeGreaterThan(KILLS / 4);
});
