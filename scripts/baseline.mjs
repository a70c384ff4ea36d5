// Release step: makes today's contract the one that later changes must not break.
import { root, run } from './prepare.mjs';
import { join } from 'node:path';

process.exit(run('buf', ['build', '--exclude-source-info', '-o', join(root, 'proto', 'baseline.binpb')]));
