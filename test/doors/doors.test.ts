import { setTimeout as sleep } from 'node:timers/promises';
import { REASONS } from '../../src/errors/reasons.js';
import { DOORS, openDoors, provoked, type DoorName, type Doors } from '../support/doors/index.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { areas } from './cases/index.js';
import { ending } from './cases/time.js';
import { Exceptions, PROVOKED_ELSEWHERE } from './exceptions.js';
import { Matrix } from './matrix.js';
import { setStage, type Stage } from './stage.js';

/** All that lives 60 seconds is over after so long, rounded up by a tick. */
const OVER_MS = 62_000;

const exceptions = new Exceptions();
const matrix = new Matrix();
let server: RunningMarconi;
let doors: Doors;

beforeAll(async () => {
  server = await startMarconi({ args: ['--log-level=debug'] });
  doors = await openDoors(server);
});

afterAll(async () => {
  // Written past jest, which would put a stack beside it.
  process.stderr.write(`\n${matrix.toString()}\n`);
  doors.close();
  await server.stop();
});

async function judge(id: string, door: DoorName, run: () => Promise<void>): Promise<void> {
  matrix.set(id, door, 'WRONG');
  matrix.set(id, door, await exceptions.judge(door, id, run));
}

/** What began at the start, to be looked at when it is over. */
const begun = new Map<string, { stage: Stage; kept: Promise<readonly string[]> }>();
let beganAt = 0;

beforeAll(async () => {
  for (const door of DOORS) {
    for (const [name, { before }] of Object.entries(ending)) {
      const stage = await setStage(doors, door);
      const kept = before(stage);
      kept.catch(() => undefined);
      begun.set(`${door} ${name}`, { stage, kept });
      await kept.catch(() => undefined);
    }
  }
  beganAt = performance.now();
});

const cases = Object.entries(areas).flatMap(([area, cases]) =>
  Object.entries(cases).map(([name, run]) => ({ id: `${area} > ${name}`, run })),
);

describe.each(DOORS)('%s', (door) => {
  test.each(cases)('$id', async ({ id, run }) => {
    await judge(id, door, async () => {
      const stage = await setStage(doors, door);
      await run(stage).finally(() => stage.door.close());
    });
  });
});

describe.each(DOORS)('%s, when time is over', (door) => {
  test.each(Object.entries(ending))(
    'the end %s',
    async (name, { after }) => {
      await sleep(Math.max(0, beganAt + OVER_MS - performance.now()));
      const { stage, kept } = begun.get(`${door} ${name}`)!;
      await judge(`the end > ${name}`, door, async () => after(stage, await kept).finally(() => stage.door.close()));
    },
    OVER_MS + 30_000,
  );
});

test('every reason of the table is provoked, here or where exceptions.yaml says', () => {
  expect([...provoked, ...PROVOKED_ELSEWHERE].sort()).toEqual(Object.keys(REASONS).sort());
});

test('every exception is needed', () => {
  expect(exceptions.unused()).toEqual([]);
});
