// Generates src/gen from proto/: TypeScript, descriptors.binpb (a FileDescriptorSet with all imports) and dispatch.ts.
// --check generates elsewhere and fails with the difference when src/gen is stale.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

const gen = join(root, 'src', 'gen');

function must(command, args) {
  const code = run(command, args);
  if (code !== 0) process.exit(code);
}

/** Writes `into`/src/gen. */
function generate(into) {
  const out = join(into, 'src', 'gen');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  must('buf', ['generate', '-o', into]);
  must('buf', ['build', '--as-file-descriptor-set', '--exclude-source-info', '-o', join(out, 'descriptors.binpb')]);
  must(process.execPath, [join(root, 'scripts', 'gen-dispatch.mjs'), out]);
}

function check() {
  const temp = mkdtempSync(join(tmpdir(), 'marconi-gen-'));
  process.on('exit', () => rmSync(temp, { recursive: true, force: true }));
  generate(temp);
  const code = run('git', ['--no-pager', 'diff', '--no-index', '--exit-code', gen, join(temp, 'src', 'gen')]);
  if (code !== 0) console.error('src/gen does not match proto/: run `npm run gen` and commit the result.');
  process.exit(code);
}

if (process.argv.includes('--check')) check();
else generate(root);
