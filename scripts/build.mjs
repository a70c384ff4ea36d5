// Compiles into dist.new, copies what is not TypeScript, and swaps it in whole: a failed build leaves dist as it was.
import { chmodSync, cpSync, existsSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

const dist = join(root, 'dist');
const fresh = join(root, 'dist.new');
const isAsset = (path) => statSync(path).isDirectory() || !path.endsWith('.ts');

const started = new Date();
rmSync(fresh, { recursive: true, force: true });
const code = run('tsc', ['-p', 'tsconfig.build.json', '--outDir', fresh]);
if (code !== 0) process.exit(code);
for (const folder of ['src', 'gateway']) {
  if (existsSync(join(root, folder)))
    cpSync(join(root, folder), join(fresh, folder), { recursive: true, filter: isAsset });
}
const main = join(fresh, 'src', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
writeFileSync(join(fresh, '.built'), '');
// A source changed while tsc ran is newer than this build.
utimesSync(join(fresh, '.built'), started, started);
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
