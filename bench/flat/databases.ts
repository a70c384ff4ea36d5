import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '../../src/storage/ports/index.js';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';

const MIB = 1024 * 1024;

/** Databases of one bench run under one folder; each is in a folder of its own, as the driver wants it. */
export class Databases {
  constructor(private readonly root: string) {}

  /** The file of the database. */
  path(name: string): string {
    return join(this.root, name, 'marconi.db');
  }

  /** Opens a database, making it when it is not there; as durable as the service's. */
  open(name: string): Promise<Storage> {
    mkdirSync(join(this.root, name), { recursive: true, mode: 0o700 });
    return openSqlite({
      path: this.path(name),
      synchronous: 'full',
      reserveBytes: 64 * MIB,
      ballastBytes: 16 * MIB,
    });
  }

  /** Copies a database that is closed. */
  copy(from: string, to: string): void {
    mkdirSync(join(this.root, to), { recursive: true, mode: 0o700 });
    copyFileSync(this.path(from), this.path(to));
  }

  remove(name: string): void {
    rmSync(join(this.root, name), { recursive: true, force: true });
  }
}
