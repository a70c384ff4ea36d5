import { statSync } from 'node:fs';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { checkpoint } from '../db/checkpoint.js';
import { connectWriter } from '../db/connect.js';
import { sqliteCode } from '../db/failure.js';
import type { Db, Statement } from '../db/port.js';
import type { Binding, FileOptions } from '../options.js';
import { openFile } from '../schema/open-file.js';
import { Tables } from '../tables/index.js';

/** An open connection with everything prepared on it. */
export interface Session {
  readonly db: Db;
  readonly tables: Tables;
  readonly begin: Statement;
  readonly commit: Statement;
  readonly extent: Statement<{ page_count: number; page_size: number }>;
}

const LEAST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/**
 * The writer's connection. After an I/O error it is closed, and nothing is written before a new one has copied the whole
 * WAL into the database and emptied it: what a failed sync left in the file is then out of the way (ADR 0005).
 */
export class WriterConnection {
  private current: Session | null = null;
  private why = '';
  private failures = 0;
  private retryAt = -Infinity;

  constructor(
    private readonly binding: Binding,
    private readonly options: FileOptions,
  ) {}

  /** Opens the file at the start. Rejects with STORAGE_UNAVAILABLE and what to do. */
  open(): Session {
    return (this.current = session(openFile(this.binding.openDb, this.options)));
  }

  /** The connection; opened again where it was given up. Throws STORAGE_UNAVAILABLE while that fails. */
  session(): Session {
    if (this.current) return this.current;
    if (this.binding.monotonic() < this.retryAt) throw this.unavailable();
    try {
      return (this.current = this.reopen());
    } catch (error) {
      this.giveUp(error);
      throw this.unavailable();
    }
  }

  /** Closes the connection after a failure; the next use opens another, after a wait that grows with each failure. */
  giveUp(error: unknown): void {
    this.close();
    this.why = sqliteCode(error) || (error as Error).message;
    const wait = Math.min(LEAST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    this.failures = Math.min(this.failures + 1, 10);
    this.retryAt = this.binding.monotonic() + wait;
  }

  /** A commit was made: the disk works. */
  succeeded(): void {
    this.failures = 0;
  }

  /** Bytes by which checkpoints are still going to make the database file longer; 0 when that cannot be told. */
  get owedBytes(): number {
    try {
      const size = this.current?.extent.get();
      const file = statSync(this.options.path, { throwIfNoEntry: false })?.size ?? 0;
      return size ? Math.max(0, size.page_count * size.page_size - file) : 0;
    } catch {
      return 0;
    }
  }

  /** What is wrong; empty when nothing is. */
  get trouble(): string {
    return this.current ? '' : `the database cannot be written: ${this.why}`;
  }

  /** The refusal while there is no connection. */
  unavailable(): MarconiError {
    return new MarconiError('STORAGE_UNAVAILABLE', `The storage is unavailable: ${this.why}.`, {
      retryAfterMs: LONGEST_WAIT_MS / 2,
    });
  }

  close(): void {
    try {
      this.current?.db.close();
    } catch {
      // A connection that cannot even be closed is let go all the same.
    }
    this.current = null;
  }

  private reopen(): Session {
    const db = connectWriter(this.binding.openDb, this.options);
    try {
      if (checkpoint(db, 'TRUNCATE').busy) throw new Error('a reader keeps the write-ahead log from being emptied');
      return session(db);
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

function session(db: Db): Session {
  return {
    db,
    tables: new Tables(db),
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    extent: db.prepare('SELECT page_count, page_size FROM pragma_page_count, pragma_page_size'),
  };
}
