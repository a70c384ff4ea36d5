import type { Storage } from '../../src/storage/ports/index.js';

/** A place for what servers of a test store. */
export interface StoragePlace {
  /** The URI of a new, empty storage, for a server of its own process. */
  uri(): string;
  /** A new, empty storage, opened in this process. */
  open(): Promise<Storage>;
}

let place: StoragePlace | null = null;

/** Where servers store from now on that are not told where; null: as each of them does by itself. */
export function storeByDefaultIn(chosen: StoragePlace | null): void {
  place = chosen;
}

/** The place that was chosen; null when none was. */
export function defaultPlace(): StoragePlace | null {
  return place;
}
