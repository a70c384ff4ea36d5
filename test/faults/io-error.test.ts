import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { forkTs, nextMessage } from '../support/child/ts-child.js';
import { ShimControl } from '../support/shims/control.js';
import { makeMemoryDir } from '../support/memory-dir.js';
import { shimEnv } from '../support/shims/library.js';
import { removeTempDir } from '../support/temp-dir.js';
import type { IoReport } from './children/io-victim.js';

const MOST = process.env.MARCONI_TEST_TIER === 'long' ? 500 : 200;

let root: string;
let control: ShimControl;
beforeEach(() => {
  root = makeMemoryDir('eio');
  mkdirSync(join(root, 'data'));
  control = new ShimControl(join(root, 'control'));
});
afterEach(() => {
  control.close();
  removeTempDir(root);
});

test.each(['sync', 'write'] as const)(`the N-th %s fails, N = 1 to ${MOST}, until the disk is well`, async (kind) => {
  const folder = join(root, 'data');
  const child = forkTs(join(__dirname, 'children/io-victim.ts'), {
    env: shimEnv({ shims: ['eio'], folder, controlFile: control.path }),
    args: [folder, control.path, kind, String(MOST)],
  });
  const reports = await nextMessage<IoReport[]>(child);
  const clean = { kind, failed: true, acknowledgedWhileFailing: 0, lost: 0, recovered: true };
  expect(reports).toEqual(Array.from({ length: MOST }, (_, i) => ({ ...clean, at: i + 1 })));
});
