import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History, recordEnd, type Recorded } from '../support/history/index.js';
import { overDoor } from '../support/load/door-access.js';
import type { DoorClient } from '../support/load/door-client.js';
import { grpcClient } from '../support/load/grpc-client.js';
import { HistoryLoad } from '../support/load/history-load.js';
import { restClient } from '../support/load/rest-client.js';
import { streamClient } from '../support/load/stream-client.js';
import { Random } from '../support/random.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';

const KILLS = process.env.MARCONI_TEST_TIER === 'long' ? 1_000 : 40;
/** A life ends after so many answers, by chance. */
const ANSWERS = [20, 400] as const;
const QUEUE = 'crash';
/** Single calls through each door, and streams. */
const WAYS = ['grpc', 'rest', 'stream'] as const;
type Way = (typeof WAYS)[number];

let folder: string;
beforeEach(() => {
  folder = makeTempDir('crash');
});
afterEach(() => removeTempDir(folder));

/** A node that is killed and started again, and its doors; a caller waits while it is down. */
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

  async stop(): Promise<number | NodeJS.Signals> {
    const { node, doors } = await this.up;
    for (const door of Object.values(doors)) door.close();
    return node.stop();
  }

  private async start() {
    const node = await startMarconi({ storage: this.storage });
    const { grpcAddress, restUrl } = node;
    const doors = { grpc: grpcClient(grpcAddress), rest: restClient(restUrl), stream: streamClient(grpcAddress) };
    return { node, doors };
  }
}

/** Posts that never got an answer, not even by repeating them under their key. */
function unresolved(records: readonly Recorded[]): number {
  const answered = new Set<string>();
  const asked = new Set<string>();
  for (const { op, ending } of records) {
    if (op.kind !== 'post') continue;
    asked.add(op.values.join());
    if (ending.kind === 'ok') answered.add(op.values.join());
  }
  return asked.size - answered.size;
}

test(`${KILLS} kills under load over both doors and with streams open: the history shows no fault`, async () => {
  const seed = Date.now() % 2 ** 31;
  const random = new Random(seed);
  const node = new MortalNode(`sqlite:${folder}/marconi.db`);
  await (await node.door('grpc')).createQueue(QUEUE);
  const history = new History();
  const doors = WAYS.map((door) => overDoor(QUEUE, () => node.door(door)));
  const load = new HistoryLoad(history, doors, seed);
  for (let kills = 0; kills < KILLS; kills++) {
    const until = history.size + random.between(...ANSWERS);
    while (history.size < until) await sleep(5);
    await node.kill();
  }
  await load.stop();
  await recordEnd(doors[0]!, history, 20);
  expect(await node.stop()).toBe(0);
  const records = history.records();
  const doubtful = records.filter(({ op, ending }) => op.kind === 'post' && ending.kind === 'unknown').length;
  expect({ seed, violations: checkHistory(history) }).toEqual({ seed, violations: [] });
  expect(unresolved(records)).toBe(0);
  expect(doubtful).toBeGreaterThan(KILLS / 4);
});
