import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageFactory } from 'marconi/conformance';
import type { Storage } from 'marconi/storage';
import { openLmdb } from './index.js';

/** What the conformance suite is run on. */
export const factory: StorageFactory = {
  create: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marconi-lmdb-'));
    const crashed: Storage[] = [];
    let file = join(folder, '0.mdb');
    let storage = await openLmdb(file);
    return {
      storage,
      reopen: async () => {
        await storage.close();
        return (storage = await openLmdb(file));
      },
      second: () => openLmdb(file),
      // A copy is what a crash would leave: no page that the newest commit needs is written over while it is copied,
      // since no further transaction can begin before this function returns.
      crash: async () => {
        crashed.push(storage);
        const copy = join(folder, `${crashed.length}.mdb`);
        copyFileSync(file, copy);
        return (storage = await openLmdb((file = copy)));
      },
      dispose: async () => {
        for (const one of [...crashed, storage]) await one.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
};
