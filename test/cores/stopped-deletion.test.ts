import { DeletionScene } from '../support/mongo/deletion-scene.js';
import { holdAt, type Release } from '../support/mongo/held-point.js';
import { nameOf, POINTS, type Point } from '../support/mongo/points.js';
import { inTime, whileStopped, type Fault } from '../support/mongo/stopping.js';
import { World } from '../support/mongo/world.js';
import { waitFor } from '../support/wait.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';
const PAUSE_MS = LONG ? 10_000 : 4_000;
const DEAD_MS = 1_500;
/** Milliseconds in which the others free what the stopped core does not. */
const FREED_MS = 8_000;
const MOST_LATENCY_MS = 2_000;
/** Queues that are deleted until the watched core comes to free one of them. */
const MOST_DELETED = 60;

let world: World;
let queues = 0;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const sceneAt = (point: Point): DeletionScene => new DeletionScene(world, point, `queue-${queues}`, queues++);

const rowsOf = (uids: readonly string[]) => world.db.collection('messages').countDocuments({ uid: { $in: [...uids] } });

function judge(scenes: readonly DeletionScene[], figures: object): void {
  const slowest = Math.round(Math.max(...scenes.map((scene) => scene.slowest)));
  const found = scenes.filter(({ complaints }) => complaints.length > 0);
  console.log(JSON.stringify({ ...figures, queues: scenes.length, slowest, violations: found.length }));
  expect(found.map(({ point, complaints }) => [nameOf(point), complaints])).toEqual([]);
  expect(slowest).toBeLessThan(MOST_LATENCY_MS);
}

const FAULTS: readonly Fault[] = [
  { how: 'killed', ms: DEAD_MS },
  { how: 'killed, its last commands late', ms: DEAD_MS },
  { how: 'paused', ms: PAUSE_MS },
];

test.each(FAULTS)(
  'a core $how at every point of a deletion for $ms ms: nothing is lost, nothing old is seen, nothing new is deleted',
  async (fault) => {
    const scenes = POINTS.delete.map(sceneAt);
    for (const scene of scenes) await scene.prepare();
    await Promise.all(scenes.map((scene) => scene.begin()));
    const release = (how: Release): void => scenes.forEach((scene) => scene.release(how));
    await whileStopped(world, fault, release, () => Promise.all(scenes.map((scene) => scene.goOn())));
    await Promise.all(scenes.map((scene) => scene.finish(fault)));
    judge(scenes, { operation: 'a deletion', ...fault });
  },
);

const FREEING = POINTS.free.flatMap((point, at) =>
  FAULTS.filter((_, turn) => LONG || turn === at % FAULTS.length).map((fault) => ({
    point: { ...point, committed: true },
    name: nameOf(point),
    fault,
    how: fault.how,
  })),
);

test.each(FREEING)(
  'a core $how $name: others free the rows, and new ones stay',
  async ({ point, name, fault, how }) => {
    const uids: string[] = [];
    const held = holdAt(world.proxy, point, uids);
    let reached = false;
    void held.reached.then(() => (reached = true));
    const scenes: DeletionScene[] = [];
    while (!reached && scenes.length < MOST_DELETED) {
      const scene = sceneAt(point);
      await scene.prepare();
      uids.push(scene.uid);
      await scene.delete();
      scenes.push(scene);
    }
    await inTime(name, held.reached);
    await whileStopped(
      world,
      fault,
      (release) => held.release(release),
      async () => {
        await Promise.all(scenes.map((scene) => scene.goOn()));
        await waitFor('the old rows to be freed', async () => (await rowsOf(uids)) === 0, { ms: FREED_MS });
      },
    );
    await Promise.all(scenes.map((scene) => scene.finish(fault)));
    judge(scenes, { operation: name, how, ms: fault.ms });
  },
);
