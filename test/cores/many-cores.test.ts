import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History } from '../support/history/index.js';
import { overDoor } from '../support/load/door-access.js';
import type { Cores } from '../support/mongo/cores.js';
import { figuresOf } from '../support/mongo/figures.js';
import { names } from '../support/mongo/held-point.js';
import { ManyClients, type Crowd, type CrowdedQueue } from '../support/mongo/many-clients.js';
import { WIRE_PLANTS } from '../support/mongo/wire-plants.js';
import { OTHERS, WATCHED, World } from '../support/mongo/world.js';
import { makeTempDir } from '../support/temp-dir.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const MESSAGES = LONG ? 50_000 : 4_000;
const QUEUES = 8;
const CORES = [WATCHED, ...OTHERS];
const KILL_EVERY_MS = 2_000;
/** 32 producers and 16 workers in all. */
const CROWD: Crowd = { messages: MESSAGES / QUEUES, producers: 4, workers: 2, readers: 2, backlog: 1_500 };
/** A few posts are under way when the backlog is seen to be full. */
const MOST_BACKLOG = 2_000;
const MINUTES = LONG ? 30 : 4;

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** The queue by its name; client `n` of it is at home on a core of its own. */
function crowded(name: string, home: number): CrowdedQueue {
  const { cores } = world;
  return {
    door: (client) => overDoor(name, () => cores.door(home + client)),
    total: async () => (await cores.door(home)).total(name),
  };
}

/** Kills a core every two seconds, unless it is the last, and starts it again at once; gives the kills. */
async function killInTurn(cores: Cores, signal: AbortSignal): Promise<number> {
  const revived: Promise<void>[] = [];
  for (let turn = 0; ; turn++) {
    await sleep(KILL_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || cores.stopped) break;
    const at = CORES[turn % CORES.length] as number;
    if (cores.living < 2 || !cores.isUp(at)) continue;
    await cores.kill(at);
    revived.push(cores.revive(at));
  }
  await Promise.all(revived);
  return revived.length;
}

/** Writes the histories down, to find out what led to a fault; gives the file. */
function keep(histories: readonly History[]): string {
  const file = join(makeTempDir('many-cores'), 'history.jsonl');
  writeFileSync(file, histories.flatMap((history) => [...history.lines()]).join('\n'));
  return file;
}

test(
  `${MESSAGES} messages, a core killed every ${KILL_EVERY_MS / 1000} s: nothing lost, taken twice, out of order, missed or repeated`,
  async () => {
    const seed = Date.now() % 2 ** 31;
    const began = performance.now();
    const histories = Array.from({ length: QUEUES }, () => new History());
    const crowds = await Promise.all(
      histories.map(async (history, at) => {
        await (await world.cores.door(at)).createQueue(`queue-${at}`);
        return new ManyClients(history, crowded(`queue-${at}`, at), CROWD, seed + at);
      }),
    );
    const done = new AbortController();
    const killed = killInTurn(world.cores, done.signal);
    await Promise.all(crowds.map((crowd) => crowd.run())).finally(() => done.abort());
    const kills = await killed;
    await Promise.all(crowds.map((crowd) => crowd.end()));

    const records = histories.flatMap((history) => history.records());
    const counts = figuresOf(records);
    const backlog = Math.max(...crowds.map(({ largest }) => largest));
    const seconds = Math.round((performance.now() - began) / 1000);
    const violations = checkHistory(records);
    console.log(JSON.stringify({ seed, ...counts, kills, backlog, seconds, violations: violations.length }));
    const kept = violations.length > 0 ? keep(histories) : '';
    expect({ kept, violations }).toEqual({ kept: '', violations: [] });
    expect(counts.messages).toBe(MESSAGES);
    expect(counts.removed).toBeGreaterThan(MESSAGES / 2);
    expect(counts.doubtful).toBeGreaterThan(kills);
    expect(kills).toBeGreaterThan(2);
    expect(backlog).toBeLessThanOrEqual(MOST_BACKLOG);
  },
  MINUTES * 60_000,
);

test('the history shows it when one core of them has a fault', async () => {
  const caught = WIRE_PLANTS.map(async ({ bug, rule, stop, alone }, at) => {
    const crowd: Crowd = { messages: 200, producers: 3, workers: alone ? 1 : 3, readers: 3, backlog: 200 };
    const name = `planted-${at}`;
    await (await world.cores.door(1)).createQueue(name);
    const queue = [name, (await world.uidOf(name)) ?? ''];
    world.proxy.always({ ...stop, match: (command) => names(command, queue) && stop.match(command) });
    const history = new History();
    const clients = new ManyClients(history, crowded(name, 0), crowd, at);
    await clients.run();
    await clients.end();
    return [bug, checkHistory(history).some((violation) => violation.rule === rule)];
  });
  expect(Object.fromEntries(await Promise.all(caught))).toEqual(
    Object.fromEntries(WIRE_PLANTS.map(({ bug }) => [bug, true])),
  );
});
