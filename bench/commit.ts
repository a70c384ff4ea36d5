/**
 * npm run bench -- commit [--seconds N]: what group commit buys. 64 concurrent single posts on the engine over SQLite at
 * full durability, with the default commit size and with one step a commit, taking turns in one process; the syncs are
 * counted by the driver's observer and, independently, by a library between SQLite and the kernel.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OPTIONS } from '../src/config/index.js';
import { ShimControl } from '../test/support/shims/control.js';
import { shimEnv } from '../test/support/shims/library.js';
import type { CommitRun } from './commit/poster.js';
import { machineFacts } from './support/machine.js';
import { median } from './support/samples.js';
import { Verdict } from './support/verdict.js';

const IN_FLIGHT = 64;
const RUNS = 5;
const SPEEDUP_BAR = 5;
const POSTS_A_SYNC_BAR = 16;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '2' } } });
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'marconi-commit-')));
const control = new ShimControl(join(folder, 'control'));

/** One run in a process of its own under the counting library. */
async function run(maxSteps: number, name: string): Promise<CommitRun & { readonly syncs: number }> {
  control.heal();
  const data = join(folder, name);
  const env = shimEnv({ shims: ['eio'], folder: data, controlFile: control.path });
  const args = [data, String(maxSteps), String(IN_FLIGHT), values.seconds];
  const child = fork(join(__dirname, 'commit', 'poster.js'), args, { env: { ...process.env, ...env } });
  const [result] = (await once(child, 'message')) as [CommitRun];
  await once(child, 'exit');
  return { ...result, syncs: control.syncs };
}

async function main(): Promise<void> {
  console.log(machineFacts(folder));
  const grouped: (CommitRun & { syncs: number })[] = [];
  const single: CommitRun[] = [];
  for (let i = 0; i < RUNS; i++) {
    grouped.push(await run(OPTIONS['commit.maxSteps'].default, `grouped-${i}`));
    single.push(await run(1, `single-${i}`));
  }
  const rate = (runs: readonly CommitRun[]): number => median(runs.map((r) => r.posts / r.seconds));
  const speedup = median(grouped.map((g, i) => g.posts / g.seconds / rate(single.slice(i, i + 1))));
  const perSync = median(grouped.map((g) => g.posts / g.syncs));
  const perCommit = median(grouped.map((g) => g.posts / g.commits));
  const rates = `${rate(grouped).toFixed(0)} against ${rate(single).toFixed(0)} posts/s`;
  const verdict = new Verdict();
  verdict.check('group commit', speedup >= SPEEDUP_BAR, `x ${speedup.toFixed(1)} (${rates}, ${IN_FLIGHT} in flight)`);
  verdict.check('posts a commit, by the driver', perCommit >= POSTS_A_SYNC_BAR, perCommit.toFixed(1));
  verdict.check('posts a sync, by the library', perSync >= POSTS_A_SYNC_BAR, perSync.toFixed(1));
  verdict.finish();
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => {
    control.close();
    rmSync(folder, { recursive: true, force: true });
  });
