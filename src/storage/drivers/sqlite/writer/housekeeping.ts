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

/** Milliseconds that a shortening of the WAL may wait for readers. */
const PATIENCE_MS = 20;

/** Milliseconds between two rounds of giving back at the least. */
const PAUSE_MS = 50;

/** Milliseconds after which shortening is tried again when a reader stood in its way. */
const BUSY_PAUSE_MS = 500;

/** Pages given back in one step; fewer when the disk has no room for the WAL of so many. */
const STEP_PAGES = 1024;
const SMALL_STEP_PAGES = 16;

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

  /**
   * Shortens the WAL and cuts free pages off, in turns. Not while a reader keeps the WAL from being shortened: that would
   * only make it longer. A checkpoint that finds no room for the file to grow finds it once free pages are cut off.
   */
  private giveBack(db: Db): void {
    const started = this.monotonic();
    if (started < this.retryAt) return;
    const until = started + ROUND_MS;
    this.retryAt = until + PAUSE_MS;
    while (this.shortenWal(db) && freePages(db) > 0 && this.monotonic() < until) this.vacuumOnFullDisk(db);
  }

  private vacuumOnFullDisk(db: Db): void {
    for (const pages of [STEP_PAGES, SMALL_STEP_PAGES]) {
      if (!diskFull(() => vacuum(db, pages))) return;
    }
    if (this.ballast.release()) vacuum(db, SMALL_STEP_PAGES);
  }

  /**
   * Copies the whole WAL and cuts it to what is kept, which takes a commit. False when a reader of an old moment stood
   * in the way; then it is left alone for a while.
   */
  private shortenWal(db: Db): boolean {
    const patience = pragmaValue(db, 'busy_timeout');
    db.pragma(`busy_timeout = ${PATIENCE_MS}`);
    try {
      let busy = false;
      diskFull(() => {
        busy = checkpoint(db, 'RESTART').busy;
        if (!busy) db.exec('UPDATE meta SET value = value');
      });
      if (busy) this.retryAt = this.monotonic() + BUSY_PAUSE_MS;
      return !busy;
    } finally {
      db.pragma(`busy_timeout = ${Number(patience)}`);
    }
  }

  private note(error: unknown): void {
    const kind = failureKind(error);
    if ((kind === 'io' || kind === 'corrupt') && this.space.available() > 0) this.connection.giveUp(error);
  }
}

/** Runs a piece of work; true when it met a full disk. */
function diskFull(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (failureKind(error) !== 'full') throw error;
    return true;
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
