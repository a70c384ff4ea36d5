import type { StorageObserver } from '../../ports/index.js';
import type { OpenDb } from './db/port.js';

/** How the SQLite storage is opened. */
export interface SqliteOptions {
  /** The database file; its folder is made, with mode 0700, when it is not there. */
  readonly path: string;
  /** `normal` may lose acknowledged messages at a power failure; the storage then says `relaxed`. */
  readonly synchronous: 'full' | 'normal';
  /** Bytes kept free on the file system, at most 5 % of it, below which what adds is refused. */
  readonly reserveBytes: number;
  /** Bytes preallocated for claims and deletions on a full disk, at most 5 % of the file system. */
  readonly ballastBytes: number;
  readonly observer?: StorageObserver;
  /** `threads` (the default) keeps all work off the event loop; `inline` runs it in the caller's thread, for tests. */
  readonly execution?: 'threads' | 'inline';
  /** Reader threads, 1 unless told. */
  readonly readers?: number;
}

/** What every thread needs to know; structured-cloneable. */
export interface FileOptions {
  readonly path: string;
  readonly synchronous: 'full' | 'normal';
  readonly reserveBytes: number;
  readonly ballastBytes: number;
  /** The memory of the storage's `Alarm`. */
  readonly alarm: SharedArrayBuffer;
}

/** What the threads' logic takes from outside, so that tests can make it fail. */
export interface Binding {
  readonly openDb: OpenDb;
  /** Bytes free for us on the file system of the folder, and its size. */
  readonly freeSpace: (folder: string) => { readonly free: number; readonly size: number };
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/** Chosen by measurement (ADR 0005). */
export const PAGE_SIZE = 4096;

/** Bytes over which the WAL is emptied and cut as soon as the writer rests, readers willing. */
export const WAL_LIMIT = 64 * 1024 * 1024;

/** Bytes over which it is emptied and cut though the writer must wait for it: three syncs, long ones on a slow disk. */
export const WAL_HARD_LIMIT = 256 * 1024 * 1024;

/** Bytes of the WAL that are kept when it is shortened: room for claims and deletions that no other program can take. */
export const WAL_KEPT = 4 * 1024 * 1024;
