import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageFactory } from '../../src/conformance/index.js';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import { openSqlite, type SqliteOptions } from '../../src/storage/drivers/sqlite/index.js';
import type { Storage } from '../../src/storage/ports/index.js';

type Execution = 'inline' | 'threads';

/** Makes storages of the memory driver. */
export const memoryFactory: StorageFactory = {
  create: async () => {
    const storage = openMemory();
    return { storage, reopen: null, dispose: () => storage.close() };
  },
};

/** A database in a folder of its own; each crash leaves a folder behind, as the files stood at that moment. */
class SqliteUnderTest {
  private readonly folder = mkdtempSync(join(tmpdir(), 'marconi-sqlite-'));
  private readonly opened: Storage[] = [];
  private crashes = 0;

  constructor(private readonly execution: Execution) {}

  async open(): Promise<Storage> {
    const path = join(this.folder, String(this.crashes), 'data', 'marconi.db');
    const { execution } = this;
    const options: SqliteOptions = { path, synchronous: 'full', reserveBytes: 0, ballastBytes: 0, execution };
    const storage = await openSqlite(options);
    this.opened.push(storage);
    return storage;
  }

  async reopen(): Promise<Storage> {
    await this.opened.pop()?.close();
    return this.open();
  }

  /** Goes on with a copy of the files: inline, nothing writes to them while they are copied. */
  async crash(): Promise<Storage> {
    const before = join(this.folder, String(this.crashes++));
    cpSync(before, join(this.folder, String(this.crashes)), { recursive: true });
    return this.open();
  }

  async dispose(): Promise<void> {
    for (const storage of this.opened) await storage.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Makes storages of the SQLite driver, each in a folder of its own; inline ones can crash. */
export function sqliteFactory(execution: Execution): StorageFactory {
  return {
    create: async () => {
      const sqlite = new SqliteUnderTest(execution);
      return {
        storage: await sqlite.open(),
        reopen: () => sqlite.reopen(),
        ...(execution === 'inline' ? { crash: () => sqlite.crash() } : {}),
        dispose: () => sqlite.dispose(),
      };
    },
  };
}
