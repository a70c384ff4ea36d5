import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkTs, killHard } from '../support/child/ts-child.js';
import { Random } from '../support/random.js';
import { shimEnv } from '../support/shims/library.js';
import { LossyDisk } from '../support/shims/lossy-disk.js';
import { Account } from './account.js';
import type { VictimEvent } from './children/power-victim.js';

const CYCLES = process.env.MARCONI_TEST_TIER === 'long' ? 1_000 : 100;
const CONTROL_CYCLES = 10;
/** The database is made anew after so many cycles, so that it stays small. */
const CYCLES_A_DISK = 10;
/** Acknowledged posts after which the power goes, at the most. */
const MOST_POSTS = 300;

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'marconi-power-')));
});
afterEach(() => rmSync(root, { recursive: true }));

interface Sum {
  acknowledged: number;
  lost: number;
  back: number;
}

/** One life: compares what the node finds at its start with the account, then loads it until the power goes. */
async function live(
  disk: LossyDisk,
  synchronous: string,
  account: Account,
  posts: number,
): Promise<Omit<Sum, 'acknowledged'>> {
  const env = shimEnv({ shims: ['powerloss'], folder: disk.folder, shadow: disk.shadow });
  const args = [join(disk.folder, 'marconi.db'), synchronous];
  const node = forkTs(join(__dirname, 'children/power-victim.ts'), { env, args });
  const faults = { lost: 0, back: 0 };
  let left = posts;
  await new Promise<void>((resolve, reject) => {
    node.on('exit', (code) => reject(new Error(`The node ended by itself with code ${String(code)}.`)));
    node.on('message', ({ kind, ids }: VictimEvent) => {
      if (kind === 'stored') {
        faults.lost = account.lost(ids).length;
        faults.back = account.deletedAndBack(ids).length;
      } else account.note(kind, ids);
      if (kind !== 'deleting' && left-- <= 0) resolve();
    });
  });
  await killHard(node);
  return faults;
}

/** Cuts the power so often under load; unsynced sectors are all lost, or lost or kept by chance, in turns. */
async function cutPower(cycles: number, synchronous: 'full' | 'normal', seed: number): Promise<Sum> {
  const random = new Random(seed);
  const sum: Sum = { acknowledged: 0, lost: 0, back: 0 };
  for (let done = 0; done < cycles; done += CYCLES_A_DISK) {
    const folder = join(root, `disk-${done}`);
    const disk = new LossyDisk(join(folder, 'data'), join(folder, 'shadow'));
    const account = new Account();
    // The last life only looks at what the cut before it left.
    for (let cycle = 0; cycle <= CYCLES_A_DISK; cycle++) {
      const posts = cycle === CYCLES_A_DISK ? 0 : random.between(0, MOST_POSTS);
      const { lost, back } = await live(disk, synchronous, account, posts);
      sum.lost += lost;
      sum.back += back;
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
  const { acknowledged, lost, back } = await cutPower(CYCLES, 'full', seed);
  expect({ seed, lost, back }).toEqual({ seed, lost: 0, back: 0 });
  expect(acknowledged).toBeGreaterThan(CYCLES * 10);
});

test('the same with synchronous=normal loses acknowledged messages: this test can see', async () => {
  const { lost } = await cutPower(CONTROL_CYCLES, 'normal', 1);
  expect(lost).toBeGreaterThan(0);
});
