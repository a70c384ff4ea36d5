import type { Removal, Results, Sighting } from '../operations.js';

/** Names a post that may be repeated. */
export interface RepeatKey {
  readonly producer: string;
  readonly sequence: number;
}

/**
 * One queue through some door. A promise that rejects with a MarconiError whose reason is in `REFUSED` tells that
 * nothing was done; any other rejection leaves the call in doubt.
 */
export interface QueueAccess {
  /** Names the queue in the history. */
  readonly name: string;
  post(values: readonly string[], ttl: number, key: RepeatKey | null): Promise<{ ids: string[]; markers?: number[] }>;
  claim(ttl: number, grace: number, limit: number): Promise<Results['claim']>;
  remove(ids: readonly string[], claim: string | null): Promise<readonly Removal[]>;
  release(claim: string): Promise<boolean>;
  renew(claim: string, ttl: number, grace: number): Promise<boolean>;
  /** A page of all messages after a marker; empty for the start. Gives the marker to go on after. */
  list(after: string, limit: number): Promise<{ messages: Sighting[]; next: string }>;
}

/** Reasons that promise that nothing was done. */
export const REFUSED: ReadonlySet<string> = new Set([
  'OVERLOADED',
  'STORAGE_FULL',
  'DRAINING',
  'PRODUCER_KEY_REUSED',
  'QUEUE_NOT_FOUND',
]);
