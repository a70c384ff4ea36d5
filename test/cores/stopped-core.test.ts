import { setTimeout as sleep } from 'node:timers/promises';
import { names } from '../support/mongo/held-point.js';
import { nameOf, POINTS, type Point } from '../support/mongo/points.js';
import { Scene, type Doing } from '../support/mongo/scene.js';
import { whileStopped, type Fault } from '../support/mongo/stopping.js';
import { WIRE_PLANTS } from '../support/mongo/wire-plants.js';
import { World } from '../support/mongo/world.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
/** Milliseconds that others go on for while the core does not. */
const PAUSE_MS = LONG ? 10_000 : 4_000;
const LONG_PAUSE_MS = 10_000;
const DEAD_MS = 2_500;
const MOST_STALL_MS = 2_000;
/** Milliseconds: who waited for the stopped core would wait for as long as it is stopped. */
const MOST_LATENCY_MS = 2_000;

let world: World;
let queues = 0;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const sceneAt = (doing: Doing, point: Point): Scene => new Scene(world, doing, point, `queue-${queues++}`, queues);

/** Stops the core at all points at once, each at a queue of its own, while `others` go on. */
async function stopAt(scenes: readonly Scene[], fault: Fault, others: () => unknown): Promise<void> {
  await Promise.all(scenes.map((scene) => scene.begin()));
  await whileStopped(world, fault, (how) => scenes.forEach((scene) => scene.release(how)), others);
}

const OPERATIONS: readonly (readonly [string, readonly Doing[]])[] = [
  ['a post', ['post']],
  ['a claim, an acknowledgement and a renewal', ['claim', 'acknowledge', 'renew']],
];
const FAULTS: readonly Fault[] = [
  { how: 'killed', ms: DEAD_MS },
  { how: 'killed, its last commands late', ms: DEAD_MS },
  { how: 'paused', ms: PAUSE_MS },
];
const CASES = OPERATIONS.flatMap(([operation, doing]) =>
  FAULTS.map(({ how, ms }) => {
    const longest = how === 'paused' && operation === 'a post';
    return { operation, doing, how, ms: longest ? LONG_PAUSE_MS : ms };
  }),
);

test.each(CASES)(
  'a core $how at every point of $operation for $ms ms: nobody waits, nothing is lost, seen in part or revived',
  async ({ operation, doing, how, ms }) => {
    const scenes = doing.flatMap((each) => POINTS[each].map((point) => sceneAt(each, point)));
    for (const scene of scenes) await scene.prepare();
    await stopAt(scenes, { how, ms }, () => {
      for (const { onlookers } of scenes) {
        onlookers.read();
        onlookers.take();
        // A dead core's posts must be shown though nobody else posts.
        if (operation !== 'a post' || how === 'paused') onlookers.post();
      }
    });
    const judged = await Promise.all(scenes.map(async (scene) => [scene.title, await scene.finish()] as const));
    const found = judged.filter(([, violations]) => violations.length > 0);
    const stall = Math.round(Math.max(0, ...scenes.flatMap((scene) => scene.stall() ?? [])));
    const slowest = Math.round(Math.max(...scenes.map(({ onlookers }) => onlookers.slowest)));
    const calls = scenes.reduce((sum, { history }) => sum + history.size, 0);
    const figures = { operation, how, ms, points: scenes.length, calls, slowest, stall, violations: found.length };
    console.log(JSON.stringify(figures));
    expect(found).toEqual([]);
    expect(slowest).toBeLessThan(MOST_LATENCY_MS);
    expect(stall).toBeLessThanOrEqual(MOST_STALL_MS);
  },
);

test('a post whose core was killed at any point is shown as soon as its repetition through another one is answered', async () => {
  const scenes = POINTS.post.map((point) => sceneAt('post', point));
  for (const scene of scenes) await scene.prepare();
  const hidden: Record<string, readonly string[]> = {};
  await stopAt(scenes, { how: 'killed', ms: 0 }, () =>
    Promise.all(scenes.map(async (scene) => (hidden[scene.title] = await scene.repeat()))),
  );
  expect(hidden).toEqual(Object.fromEntries(scenes.map(({ title }) => [title, []])));
  expect((await Promise.all(scenes.map((scene) => scene.finish()))).flat()).toEqual([]);
});

test.each([
  ['claims whatever became of the message meanwhile', 'claim', 'before claiming'],
  ['places whatever became of the message meanwhile', 'post', 'before placing (S3)'],
] as const)('a core that %s is caught when it wakes in the middle of it', async (bug, doing, name) => {
  const point = POINTS[doing].find((each) => nameOf(each) === name)!;
  const scene = sceneAt(doing, point);
  await scene.prepare();
  const uid = (await world.uidOf(scene.name)) ?? '';
  const { stop } = WIRE_PLANTS.find((plant) => plant.bug === bug)!;
  world.proxy.always({ ...stop, match: (command) => stop.match(command) && names(command, [uid]) });
  scene.onlookers.post();
  await stopAt([scene], { how: 'paused', ms: 2_000 }, async () => {
    await sleep(500);
    scene.onlookers.take('and keep');
  });
  expect((await scene.finish()).map(({ rule }) => rule)).toContain('double claim');
});
