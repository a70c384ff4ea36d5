import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { forkTs, killHard } from '../support/child/ts-child.js';
import { Random } from '../support/random.js';
import { makeMemoryDir } from '../support/memory-dir.js';
import { ShimControl } from '../support/shims/control.js';
import { shimEnv } from '../support/shims/library.js';
import { LossyDisk } from '../support/shims/lossy-disk.js';
import { Account } from './account.js';
import { removeTempDir } from '../support/temp-dir.js';
import type { VictimEvent } from './children/power-victim.js';

const CYCLES = process.env.MARCONI_TEST_TIER === 'long' ? 1_000 : 30;
const CONTROL_CYCLES = 10;
/** The database is made anew after so many cycles, so that it stays small. */
const CYCLES_A_DISK = 10;
/** Acknowledged posts after which the power goes, at the most. */
const MOST_POSTS = 300;
/** More, so that checkpoints meet the failure and go on after it. */
const MOST_POSTS_AROUND_A_FAILURE = 1_000;

let root: string;
beforeEach(() => {
  root = makeMemoryDir('power');
});
afterEach(() => removeTempDir(root));

interface Sum {
  acknowledged: number;
  lost: number;
  back: number;
  /** Syncs that were made to fail. */
  failed: number;
}

/** How the power is cut. */
interface Cuts {
  readonly cycles: number;
  readonly synchronous: 'full' | 'normal';
  readonly seed: number;
  /** One sync of each life fails before, and what was to be synced is never written. */
  readonly syncFails?: ShimControl;
}

/** One life: compares what the node finds at its start with the account, then loads it until the power goes. */
async function live(disk: LossyDisk, cuts: Cuts, account: Account, posts: number): Promise<Pick<Sum, 'lost' | 'back'>> {
  const env = shimEnv({
    shims: ['powerloss', 'eio'],
    folder: disk.folder,
    shadow: disk.shadow,
    controlFile: cuts.syncFails?.path,
  });
  const args = [join(disk.folder, 'marconi.db'), cuts.synchronous];
  const node = forkTs(join(__dirname, 'children/power-victim.ts'), { env, args });
  const faults = { lost: 0, back: 0 };
  let left = posts;
  await new Promise<void>((resolve, reject) => {
    node.on('exit', (code) => reject(new Error(`The node ended by itself with code ${String(code)}.`)));
    node.on('message', ({ kind, ids }: VictimEvent) => {
      if (kind === 'stored') {
        faults.lost = account.lost(ids).length;
        faults.back = account.deletedAndBack(ids).length;
        cuts.syncFails?.fail({ kind: 'sync', at: 1 + (posts % 15) });
      } else account.note(kind, ids);
      if (kind !== 'deleting' && left-- <= 0) resolve();
    });
  });
  await killHard(node);
  return faults;
}

/** Cuts the power so often under load; unsynced sectors are all lost, or lost or kept by chance, in turns. */
async function cutPower(cuts: Cuts): Promise<Sum> {
  const random = new Random(cuts.seed);
  const sum: Sum = { acknowledged: 0, lost: 0, back: 0, failed: 0 };
  for (let done = 0; done < cuts.cycles; done += CYCLES_A_DISK) {
    const folder = join(root, `disk-${done}`);
    const disk = new LossyDisk(join(folder, 'data'), join(folder, 'shadow'));
    const account = new Account();
    // The last life only looks at what the cut before it left.
    for (let cycle = 0; cycle <= CYCLES_A_DISK; cycle++) {
      const posts =
        cycle === CYCLES_A_DISK ? 0 : random.between(0, cuts.syncFails ? MOST_POSTS_AROUND_A_FAILURE : MOST_POSTS);
      cuts.syncFails?.heal();
      const { lost, back } = await live(disk, cuts, account, posts);
      sum.lost += lost;
      sum.back += back;
      sum.failed += cuts.syncFails?.failed ?? 0;
      const kept = cycle % 2 === 0 ? 0 : random.next();
      disk.losePower(() => random.chance(kept));
    }
    sum.acknowledged += account.posted.size;
    rmSync(folder, { recursive: true });
  }
  return sum;
}

test(`${CYCLES} power losses under load: nothing acknowledged is lost, nothing deleted comes back`, async () => {
  const seed = Date.now() % 2 ** 31;
  const { acknowledged, lost, back } = await cutPower({ cycles: CYCLES, synchronous: 'full', seed });
  expect({ seed, lost, back }).toEqual({ seed, lost: 0, back: 0 });
  expect(acknowledged).toBeGreaterThan(CYCLES * 10);
});

test('a sync fails, the node goes on, and then the power goes: nothing acknowledged is lost', async () => {
  const control = new ShimControl(join(root, 'control'));
  const seed = Date.now() % 2 ** 31;
  const cycles = CYCLES / 5;
  const { lost, back, failed } = await cutPower({ cycles, synchronous: 'full', seed, syncFails: control });
  control.close();
  expect({ seed, lost, back }).toEqual({ seed, lost: 0, back: 0 });
  expect(failed).toBeGreaterThan(cycles / 2);
});

test('the same with synchronous=normal loses acknowledged messages: this test can see', async () => {
  const { lost } = await cutPower({ cycles: CONTROL_CYCLES, synchronous: 'normal', seed: 1 });
  expect(lost).toBeGreaterThan(0);
});
