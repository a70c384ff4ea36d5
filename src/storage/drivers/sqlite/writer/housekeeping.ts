import { checkpoint } from '../db/checkpoint.js';
import { pragmaValue } from '../db/connect.js';
import { failureKind } from '../db/failure.js';
import type { Db } from '../db/port.js';
import type { Ballast } from '../files/ballast.js';
import type { SpaceGuard } from '../files/space.js';
import type { Binding } from '../options.js';
import type { WriterConnection } from './connection.js';

/** Milliseconds of work in one round, so that it never is a pause. */
const ROUND_MS = 50;

/** Milliseconds that an emptying of the WAL may wait for readers. */
const PATIENCE_MS = 20;

/** Milliseconds after which emptying is tried again when a reader stood in its way. */
const BUSY_PAUSE_MS = 500;

/** Pages given back in one step; fewer when the disk has no room for the WAL of so many. */
const STEP_PAGES = 256;
const SMALL_STEP_PAGES = 8;

/** Free pages that are worth giving back while there is room: more than half of the file, and 16 MiB. */
const MANY_FREE_PAGES = 4096;

/**
 * The writer's work between commits: opens a connection that was given up, gives drained space back to the file system,
 * at once while the disk is full, and makes the ballast again when there is room.
 */
export class Housekeeping {
  private retryAt = -Infinity;

  constructor(
    private readonly connection: WriterConnection,
    private readonly space: SpaceGuard,
    private readonly ballast: Ballast,
    private readonly monotonic: Binding['monotonic'],
  ) {}

  /** One bounded round. Never throws: what fails is tried again in the next. */
  round(): void {
    try {
      const { db } = this.connection.session();
      if (this.space.isShort()) this.giveBack(db);
      else if (this.ballast.missing > 0 && this.space.hasRoomFor(this.ballast.missing)) this.ballast.grow();
      else if (hasManyFreePages(db)) vacuum(db, STEP_PAGES);
    } catch (error) {
      this.note(error);
    }
  }

  /** Not while a reader keeps the WAL from being emptied: giving back would only make it longer. */
  private giveBack(db: Db): void {
    const until = this.monotonic() + ROUND_MS;
    if (this.monotonic() < this.retryAt) return;
    while (this.emptyWal(db) && freePages(db) > 0 && this.monotonic() < until) this.vacuumOnFullDisk(db);
    this.space.forget();
  }

  private vacuumOnFullDisk(db: Db): void {
    for (const pages of [STEP_PAGES, SMALL_STEP_PAGES]) {
      try {
        return vacuum(db, pages);
      } catch (error) {
        if (failureKind(error) !== 'full') throw error;
      }
    }
    this.ballast.release();
    vacuum(db, SMALL_STEP_PAGES);
  }

  /** False when a reader of an old moment stood in the way; then it is left alone for a while. */
  private emptyWal(db: Db): boolean {
    const patience = pragmaValue(db, 'busy_timeout');
    db.pragma(`busy_timeout = ${PATIENCE_MS}`);
    try {
      const { busy } = checkpoint(db, 'TRUNCATE');
      if (busy) this.retryAt = this.monotonic() + BUSY_PAUSE_MS;
      return !busy;
    } finally {
      db.pragma(`busy_timeout = ${Number(patience)}`);
    }
  }

  private note(error: unknown): void {
    this.space.forget();
    const kind = failureKind(error);
    if ((kind === 'io' || kind === 'corrupt') && this.space.available() > 0) this.connection.giveUp(error);
  }
}

function vacuum(db: Db, pages: number): void {
  db.pragma(`incremental_vacuum(${pages})`);
}

function freePages(db: Db): number {
  return Number(pragmaValue(db, 'freelist_count'));
}

function hasManyFreePages(db: Db): boolean {
  const free = freePages(db);
  return free > MANY_FREE_PAGES && free * 2 > Number(pragmaValue(db, 'page_count'));
}
