import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, type SqliteOptions } from '../../src/storage/drivers/sqlite/index.js';
import type { Storage } from '../../src/storage/ports/index.js';
import { describeStorage } from '../../src/conformance/index.js';

describe.each(['inline', 'threads'] as const)('%s', (execution) => {
  describeStorage('sqlite', {
    create: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'marconi-sqlite-'));
      const path = join(folder, 'data', 'marconi.db');
      const options: SqliteOptions = { path, synchronous: 'full', reserveBytes: 0, ballastBytes: 0, execution };
      let open: Storage = await openSqlite(options);
      return {
        storage: open,
        reopen: async () => {
          await open.close();
          return (open = await openSqlite(options));
        },
        dispose: async () => {
          await open.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  });
});
