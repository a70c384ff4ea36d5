// Fails when proto/ breaks the contract of the last release (proto/baseline.binpb, written by scripts/baseline.mjs).
// --self-test plants a break in a copy and fails unless it is caught.
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

const baseline = join(root, 'proto', 'baseline.binpb');
const foundBreaks = 100; // buf's exit code for violations, as against 1 for trouble of its own

const breaking = (cwd, options = {}) => run('buf', ['breaking', '--against', baseline], { cwd, ...options });

function selfTest() {
  const copy = mkdtempSync(join(tmpdir(), 'marconi-breaking-'));
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  cpSync(join(root, 'proto'), join(copy, 'proto'), { recursive: true });
  cpSync(join(root, 'buf.yaml'), join(copy, 'buf.yaml'));
  plantBreak(join(copy, 'proto', 'marconi', 'v1'));
  const code = breaking(copy, { stdio: 'pipe' });
  if (code === foundBreaks) return 0;
  console.error(`buf breaking did not catch a renumbered field (exit ${code}).`);
  return 1;
}

/** Renumbers the first field of some message. */
function plantBreak(folder) {
  const field = /^( {2}(?:repeated |optional )?\w[\w.]* \w+ = )1( \[[^\]]*\])?;/m;
  const file = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => field.test(contents(path)));
  if (!file) throw new Error(`No field numbered 1 in ${folder}`);
  writeFileSync(file, contents(file).replace(field, '$119999$2;'));
}

const contents = (path) => readFileSync(path, 'utf8');

if (!existsSync(baseline)) {
  console.error('proto/baseline.binpb is missing: `node scripts/baseline.mjs` writes it from the present contract.');
  process.exit(1);
}
process.exit(process.argv.includes('--self-test') ? selfTest() : breaking(root));
