import { MarconiError } from '../../../../errors/marconi-error.js';
import { failureKind } from '../db/failure.js';
import type { Db } from '../db/port.js';
import type { Ballast } from '../files/ballast.js';
import type { SpaceGuard } from '../files/space.js';
import type { Binding } from '../options.js';
import type { Tables } from '../tables/index.js';
import type { WriterConnection } from './connection.js';

/** What a transaction does; `refuseGrowth`: there is no room for what adds. */
export type Work<T> = (tables: Tables, refuseGrowth: boolean) => T;

/** A durable result, and the milliseconds that its commit took. */
export interface Durable<T> {
  readonly value: T;
  readonly commitMs: number;
}

/** Free bytes below which an I/O error is taken for a full disk: SQLite says so when its index of the WAL cannot grow. */
const NEXT_TO_NOTHING = 512 * 1024;

/**
 * Runs a piece of work in one durable transaction, whole or not at all, and decides what its failure means: on a full
 * disk it is run again without what adds, then with the ballast let go; after an I/O error the connection is given up.
 */
export class Transactor {
  constructor(
    private readonly connection: WriterConnection,
    private readonly space: SpaceGuard,
    private readonly ballast: Ballast,
    private readonly monotonic: Binding['monotonic'],
    private readonly makeRoom: () => void,
  ) {}

  /** `bytes` is what the work would add. Throws STORAGE_UNAVAILABLE or STORAGE_FULL; nothing is stored then. */
  run<T>(bytes: number, work: Work<T>): Durable<T> {
    const refuseGrowth = bytes > 0 && this.lacksRoom(bytes);
    try {
      return this.attempt(work, refuseGrowth);
    } catch (error) {
      if (!this.isDiskFull(error)) throw this.failed(error);
    }
    return this.runOnFullDisk(work);
  }

  /** What can be given back is given back before anything is refused. */
  private lacksRoom(bytes: number): boolean {
    if (!this.space.isFull(bytes)) return false;
    this.makeRoom();
    return this.space.isFull(bytes);
  }

  /** Without what adds; and again for each slice of the ballast, of which there are few. */
  private runOnFullDisk<T>(work: Work<T>): Durable<T> {
    for (;;) {
      try {
        return this.attempt(work, true);
      } catch (error) {
        if (!this.isDiskFull(error) || !this.ballast.release()) throw this.failed(error);
      }
    }
  }

  private attempt<T>(work: Work<T>, refuseGrowth: boolean): Durable<T> {
    const { db, tables, begin, commit } = this.connection.session();
    try {
      begin.run();
      const value = work(tables, refuseGrowth);
      const started = this.monotonic();
      commit.run();
      return { value, commitMs: this.monotonic() - started };
    } catch (error) {
      this.rollBack(db);
      throw error;
    }
  }

  private rollBack(db: Db): void {
    try {
      if (db.inTransaction) db.exec('ROLLBACK');
    } catch (error) {
      this.connection.giveUp(error);
    }
  }

  private isDiskFull(error: unknown): boolean {
    const kind = failureKind(error);
    if (kind !== 'full' && kind !== 'io') return false;
    return kind === 'full' || this.space.available() < NEXT_TO_NOTHING;
  }

  private failed(error: unknown): MarconiError {
    const kind = failureKind(error);
    if (kind === 'full') {
      return new MarconiError('STORAGE_FULL', 'The disk is full.', { retryAfterMs: 1_000, cause: error });
    }
    if (kind === 'busy') {
      const text = 'The storage is unavailable: another program keeps the database locked.';
      return new MarconiError('STORAGE_UNAVAILABLE', text, { retryAfterMs: 1_000, cause: error });
    }
    if (kind === 'other') return MarconiError.from(error);
    this.connection.giveUp(error);
    return this.connection.unavailable();
  }
}
