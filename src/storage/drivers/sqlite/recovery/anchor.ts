import type { Db, OpenDb } from '../db/port.js';

/**
 * A connection that only reads, and is closed last when the disk has failed: SQLite then can neither checkpoint nor
 * remove the WAL at the close, as it would at that of a connection that writes.
 */
export class Anchor {
  private db: Db | null = null;

  constructor(
    private readonly openDb: OpenDb,
    private readonly path: string,
  ) {}

  /** Holds the database open. Throws what SQLite throws. */
  hold(): void {
    this.db ??= this.openDb(this.path, { mustExist: true, readonly: true, busyMs: 0 });
    // SQLite opens the WAL at the first read.
    this.db.prepare('SELECT count(*) FROM sqlite_schema').get();
  }

  letGo(): void {
    const db = this.db;
    this.db = null;
    db?.close();
  }
}
