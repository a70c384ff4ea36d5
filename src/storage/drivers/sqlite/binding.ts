import { statfsSync } from 'node:fs';
import { openBetter } from './db/better.js';
import type { Binding } from './options.js';

/** The real file system and better-sqlite3. */
export const realBinding: Binding = {
  openDb: openBetter,
  freeSpace: (folder) => {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  },
  monotonic: () => performance.now(),
};
