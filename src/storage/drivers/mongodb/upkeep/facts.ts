import type { IndexMatch } from '../ensure-indexes.js';
import type { Topology } from './topology.js';

/** A declared index, and how the database has it. */
export interface InspectedIndex {
  /** `COLLECTION.INDEX`. */
  readonly name: string;
  readonly state: IndexMatch | 'missing';
}

/** What there is to be known of a database. */
export interface MongoFacts {
  /** The server's version, as it says. */
  readonly version: string;
  readonly wireVersion: number;
  readonly topology: Topology;
  /** Null when the database is not prepared. */
  readonly schemaVersion: number | null;
  /** Milliseconds by which the database's time is ahead of this machine's wall clock, and how wrong that may be. */
  readonly clockAheadMs: number;
  readonly clockErrorMs: number;
  readonly indexes: readonly InspectedIndex[];
  /** Bytes on disk with indexes; null when the server does not tell. */
  readonly bytes: number | null;
}
