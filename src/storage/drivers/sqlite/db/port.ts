/** What SQLite stores and gives back. Integers stay below 2^53. */
export type SqlValue = number | string | Uint8Array | null;

/** What a write came to. */
export interface WriteResult {
  readonly changes: number;
  readonly rowid: number;
}

/** A prepared statement. */
export interface Statement<Row = unknown> {
  run(...values: SqlValue[]): WriteResult;
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
}

/**
 * The narrow port to a SQLite binding: all that the driver asks of one, so that another (node:sqlite) can take its
 * place. Everything is synchronous; what SQLite reports is thrown as an error whose `code` is SQLite's name for it.
 */
export interface Db {
  readonly inTransaction: boolean;
  exec(sql: string): void;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /** The rows that a pragma answers. */
  pragma(text: string): readonly Record<string, SqlValue>[];
  close(): void;
}

/** How a database file is opened. */
export interface DbOptions {
  /** Fail when the file is not there. */
  readonly mustExist: boolean;
  readonly readonly: boolean;
  /** Milliseconds to wait for a lock. */
  readonly busyMs: number;
}

/** Opens a database file. */
export type OpenDb = (path: string, options: DbOptions) => Db;
