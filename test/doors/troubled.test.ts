import { join } from 'node:path';
import { DOORS, DoorRefusal, openDoors, type Door, type DoorName, type Doors } from '../support/doors/index.js';
import { CLIENT } from '../support/rest-client.js';
import { startMarconi, type RunningMarconi, type StartOptions } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { SmallDisk } from '../support/tmpfs.js';
import { idsOf, json } from './stage.js';

/** A node in trouble, which all doors tell of alike. */
let server: RunningMarconi;
let doors: Doors;

async function start(options: StartOptions): Promise<void> {
  server = await startMarconi({ ...options, args: ['--log-level=debug', ...(options.args ?? [])] });
  doors = await openDoors(server);
  for (const name of DOORS) await at(name, (door, queue) => door.createQueue(queue));
}

async function stop(): Promise<void> {
  doors.close();
  await server.stop();
}

/** Runs over a door with a queue of its own name. */
async function at(name: DoorName, run: (door: Door, queue: string) => Promise<unknown>): Promise<void> {
  const door = doors.open(name, { project: 'troubled', client: CLIENT });
  await run(door, name.replace(' ', '-')).finally(() => door.close());
}

describe('more posts than a node takes', () => {
  const POSTS = 150;
  beforeAll(() => start({ args: ['--commit-max-waiting-steps=1', '--commit-max-steps=1'] }));
  afterAll(stop);

  test.each(DOORS)('%s: are refused as OVERLOADED with a time to try again; what was taken is stored', (name) =>
    at(name, async (door, queue) => {
      const posts = Array.from({ length: POSTS }, (_, index) => door.post(queue, [json(String(index))]));
      const outcomes = await Promise.allSettled(posts);
      const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as DoorRefusal] : []));
      const told = new Set(refusals.map(({ reason, hinted }) => `${reason} ${hinted}`));
      expect([...told]).toEqual(['OVERLOADED true']);
      expect(await door.stats(queue)).toMatchObject({ total: POSTS - refusals.length });
    }),
  );
});

describe('a disk that is full', () => {
  const body = JSON.stringify('x'.repeat(200_000));
  const MOST_POSTS = 1_000;
  const folder = makeTempDir('doors');
  let disk: SmallDisk;

  beforeAll(async () => {
    disk = new SmallDisk(join(folder, 'disk'), 64);
    await start({ storage: `sqlite:${join(disk.path, 'marconi.db')}` });
  });
  afterAll(async () => {
    await stop();
    disk.unmount();
    removeTempDir(folder);
  });

  async function refusalOf(door: Door, queue: string): Promise<DoorRefusal> {
    for (let posts = 0; posts < MOST_POSTS; posts++) {
      const failure = await door.post(queue, [json(body)]).then(
        () => null,
        (error: unknown) => error as DoorRefusal,
      );
      if (failure !== null) return failure;
    }
    throw new Error(`${MOST_POSTS} posts were taken.`);
  }

  test.each(DOORS)('%s: refuses posts as STORAGE_FULL with a time to try again; claims and deletions go on', (name) =>
    at(name, async (door, queue) => {
      const failure = await refusalOf(door, queue);
      expect(failure).toBeInstanceOf(DoorRefusal);
      expect([failure.reason, failure.fields, failure.hinted]).toEqual(['STORAGE_FULL', [], true]);
      // The next door finds the disk as full, and has no message of its own.
      const claim = await door.claim('REST', { limit: 1 });
      expect(await door.acknowledge('REST', claim!.id, idsOf(claim!.messages))).toEqual(['ACKNOWLEDGED']);
    }),
  );
});
