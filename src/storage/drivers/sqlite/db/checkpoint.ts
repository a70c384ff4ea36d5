import type { Db } from './port.js';

/** How a checkpoint went: `busy` when a reader or the writer stood in its way; frames in the WAL, and of these copied. */
export interface CheckpointResult {
  readonly busy: boolean;
  readonly frames: number;
  readonly copied: number;
}

/**
 * `NOOP` only looks; `PASSIVE` copies what it may; `RESTART` copies all, so that the next commit begins the file anew, or
 * is busy; `TRUNCATE` also empties the file.
 */
export type CheckpointMode = 'NOOP' | 'PASSIVE' | 'RESTART' | 'TRUNCATE';

/** Copies the WAL into the database as far as the mode says. */
export function checkpoint(db: Db, mode: CheckpointMode): CheckpointResult {
  const row = db.pragma(`wal_checkpoint(${mode})`)[0] ?? {};
  return { busy: row['busy'] !== 0, frames: Number(row['log']), copied: Number(row['checkpointed']) };
}
