import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkpoint } from '../db/checkpoint.js';
import { failureKind } from '../db/failure.js';
import type { Db } from '../db/port.js';
import { WAL_HARD_LIMIT, WAL_LIMIT, type Binding, type FileOptions } from '../options.js';
import { Alarm } from '../recovery/alarm.js';

/** Frames in the WAL that are worth a checkpoint while it grows. */
const MANY_FRAMES = 1_000;

/** Milliseconds that emptying the WAL may make the writer wait for readers. */
const PATIENCE_MS = 20;

/** Milliseconds after which emptying is tried again when a reader or the writer stood in its way. */
const BUSY_PAUSE_MS = 500;

/** Bounds the WAL, from a connection of its own, so that no commit waits for a checkpoint. */
export class Keeper {
  private db: Db | null = null;
  private framesBefore = 0;
  private emptyAt = -Infinity;

  private readonly alarm: Alarm;
  private readonly path: string;

  constructor(
    private readonly binding: Binding,
    options: Pick<FileOptions, 'path' | 'alarm'>,
  ) {
    this.path = options.path;
    this.alarm = new Alarm(options.alarm);
  }

  /** One round; to be called several times a second. Never throws: an I/O error raises the alarm. */
  round(): void {
    if (this.alarm.raised) return;
    try {
      this.check(this.connect());
    } catch (error) {
      if (this.isIoError(error)) this.alarm.raise();
      this.close();
    }
  }

  close(): void {
    const db = this.db;
    this.db = null;
    try {
      db?.close();
    } catch {
      // A connection that cannot even be closed is let go all the same.
    }
  }

  /** On a full disk SQLite reports some failures as I/O errors. */
  private isIoError(error: unknown): boolean {
    const kind = failureKind(error);
    if (kind !== 'io' && kind !== 'corrupt') return false;
    return this.binding.freeSpace(dirname(this.path)).free > 0;
  }

  private connect(): Db {
    return (this.db ??= this.binding.openDb(this.path, { mustExist: true, readonly: false, busyMs: PATIENCE_MS }));
  }

  /** Copies when much is to be copied or the writer rests; empties the file when it has grown too long. */
  private check(db: Db): void {
    const { frames, copied } = checkpoint(db, 'NOOP');
    const resting = frames === this.framesBefore;
    this.framesBefore = frames;
    const open = frames - copied;
    if (open >= MANY_FRAMES || (open > 0 && resting)) checkpoint(db, 'PASSIVE');
    const size = statSync(`${this.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= (resting ? WAL_LIMIT : WAL_HARD_LIMIT) || this.binding.monotonic() < this.emptyAt) return;
    if (checkpoint(db, 'TRUNCATE').busy) this.emptyAt = this.binding.monotonic() + BUSY_PAUSE_MS;
  }
}
