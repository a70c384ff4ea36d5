import { realBinding } from '../binding.js';
import { Keeper } from '../keeper/keeper.js';
import type { Binding, FileOptions } from '../options.js';
import { Reader } from '../reader/reader.js';
import { Snapshots } from '../reader/snapshots.js';
import { Writer } from '../writer/writer.js';

/** What a thread is for. */
export type Role = 'writer' | 'reader' | 'keeper';

/** The logic of a role: its methods are called from outside, and `round` is run several times a second. */
export interface Service {
  readonly target: object;
  readonly round: (() => void) | null;
  close(): void;
}

/** Milliseconds between two rounds. */
export const ROUND_PAUSE_MS = 100;

/** Makes the logic of a role and opens what it needs. Throws STORAGE_UNAVAILABLE with what to do. */
export function createService(role: Role, options: FileOptions, binding: Binding = realBinding): Service {
  if (role === 'writer') return writerService(binding, options);
  if (role === 'keeper') {
    const keeper = new Keeper(binding, options);
    return { target: keeper, round: () => keeper.round(), close: () => keeper.close() };
  }
  const reader = new Reader(new Snapshots(binding.openDb, options));
  return { target: reader, round: null, close: () => reader.close() };
}

function writerService(binding: Binding, options: FileOptions): Service {
  const writer = new Writer(binding, options);
  writer.open();
  return { target: writer, round: () => writer.housekeep(), close: () => writer.close() };
}
