import type { Millis } from '../../domain/time.js';
import type { ControlStore } from './control-store.js';
import type { MessageStore } from './message-store.js';
import type { Signals } from './signals.js';
import type { Transfer } from './transfer.js';

/** How far a write has got when it is acknowledged, weakest first. */
export type Durability = 'memory' | 'relaxed' | 'fsync' | 'majority';

/** What a driver can do beyond the least. */
export interface Capabilities {
  /** What shares a commit: all of the store (one writer), or only what belongs to one queue. */
  readonly commitScope: 'store' | 'queue';
  /** True when the data outlives the process. */
  readonly persistent: boolean;
  /** True when several processes may use the storage at once. */
  readonly shared: boolean;
}

/** The store's clock: never goes back, also not over a restart. */
export interface StoreClock {
  now(): Millis;
  /** How far apart the clocks of two processes on this store are at the most; 0 when one process has the store. */
  readonly skew: Millis;
}

/** How the storage is. */
export interface StorageHealth {
  readonly state: 'ok' | 'full' | 'unavailable';
  /** What is wrong, for the operator; empty when nothing is. */
  readonly detail: string;
}

/** Figures of the driver, for metrics. */
export interface StorageObserver {
  /** One durable commit: how many steps shared it, and how long its sync took. */
  committed(steps: number, commitMs: number): void;
}

/** A storage that a driver has opened. */
export interface Storage {
  /** "sqlite", "mongodb", "memory". */
  readonly driver: string;
  readonly capabilities: Capabilities;
  readonly durability: Durability;
  readonly clock: StoreClock;
  readonly control: ControlStore;
  readonly messages: MessageStore;
  /** Null when nobody else writes to the storage. */
  readonly signals: Signals | null;
  /** Null when the storage cannot be copied as a whole. */
  readonly transfer: Transfer | null;

  /** Reads from the storage and tells how it is; never rejects. */
  health(): Promise<StorageHealth>;

  /** Finishes what was begun and lets the storage go. Nothing is called after it. */
  close(): Promise<void>;
}
