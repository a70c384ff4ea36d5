import Database from 'better-sqlite3';
import type { Db, DbOptions, SqlValue, Statement, WriteResult } from './port.js';

class BetterStatement<Row> implements Statement<Row> {
  constructor(private readonly statement: Database.Statement<SqlValue[], Row>) {}

  run(...values: SqlValue[]): WriteResult {
    const { changes, lastInsertRowid } = this.statement.run(...values);
    return { changes, rowid: Number(lastInsertRowid) };
  }

  get(...values: SqlValue[]): Row | undefined {
    return this.statement.get(...values);
  }

  all(...values: SqlValue[]): Row[] {
    return this.statement.all(...values);
  }
}

class BetterDb implements Db {
  constructor(private readonly database: Database.Database) {}

  get inTransaction(): boolean {
    return this.database.inTransaction;
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  prepare<Row>(sql: string): Statement<Row> {
    return new BetterStatement(this.database.prepare<SqlValue[], Row>(sql));
  }

  pragma(text: string): readonly Record<string, SqlValue>[] {
    return this.database.pragma(text) as Record<string, SqlValue>[];
  }

  close(): void {
    this.database.close();
  }
}

/** Opens a database file with better-sqlite3. */
export function openBetter(path: string, options: DbOptions): Db {
  return new BetterDb(
    new Database(path, { fileMustExist: options.mustExist, readonly: options.readonly, timeout: options.busyMs }),
  );
}
