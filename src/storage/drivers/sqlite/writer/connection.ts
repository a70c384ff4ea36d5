import { statSync } from 'node:fs';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { checkpoint } from '../db/checkpoint.js';
import { connectWriter } from '../db/connect.js';
import { sqliteCode } from '../db/failure.js';
import type { Db, Statement } from '../db/port.js';
import type { Binding, FileOptions } from '../options.js';
import { Alarm } from '../recovery/alarm.js';
import { rewriteWal } from '../recovery/rewrite-wal.js';
import { openFile, refusal } from '../schema/open-file.js';
import { Tables } from '../tables/index.js';

/** An open connection with everything prepared on it. */
export interface Session {
  readonly db: Db;
  readonly tables: Tables;
  readonly begin: Statement;
  readonly commit: Statement;
  readonly extent: Statement<{ page_count: number; page_size: number }>;
}

/** Milliseconds after which a caller may try again while the storage recovers. */
const RETRY_AFTER_MS = 1_000;

/**
 * The writer's connection. After an I/O error of any thread it is closed, and nothing is written before `Recovery` has
 * let a new one copy the whole WAL into the database and empty it: what failed syncs left in both files is then out of
 * the way (ADR 0005).
 */
export class WriterConnection {
  private current: Session | null = null;
  private readonly alarm: Alarm;
  private why = 'another thread met an I/O error';

  constructor(
    private readonly binding: Binding,
    private readonly options: FileOptions,
  ) {
    this.alarm = new Alarm(options.alarm);
  }

  /** Opens the file at the start. Rejects with STORAGE_UNAVAILABLE and what to do. */
  open(): Session {
    try {
      rewriteWal(`${this.options.path}-wal`);
    } catch (error) {
      throw refusal(this.options.path, error);
    }
    return (this.current = session(openFile(this.binding.openDb, this.options)));
  }

  /** The connection. Throws STORAGE_UNAVAILABLE after an I/O error of any thread, until `comeBack`. */
  session(): Session {
    if (this.current && !this.alarm.raised) return this.current;
    this.close();
    throw this.unavailable();
  }

  /** Closes the connection after a failure and raises the alarm. */
  giveUp(error: unknown): void {
    this.close();
    this.why = sqliteCode(error) || (error as Error).message;
    this.alarm.raise();
  }

  /** Opens anew, when no other connection is left, and lowers the alarm. Throws when the disk still fails. */
  comeBack(): void {
    try {
      this.current = this.reopen();
    } catch (error) {
      this.giveUp(error);
      throw this.unavailable();
    }
    this.alarm.lower();
    this.why = 'another thread met an I/O error';
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
    return this.current && !this.alarm.raised ? '' : `the database cannot be written: ${this.why}`;
  }

  /** The refusal while there is no connection. */
  unavailable(): MarconiError {
    return new MarconiError('STORAGE_UNAVAILABLE', `The storage is unavailable: ${this.why}.`, {
      retryAfterMs: RETRY_AFTER_MS,
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
    rewriteWal(`${this.options.path}-wal`);
    const db = connectWriter(this.binding.openDb, this.options);
    try {
      // SQLite has forgotten how far it had copied the WAL, unless another program still knows.
      if (checkpoint(db, 'NOOP').copied > 0) throw new Error('another program has the database open: stop it');
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
