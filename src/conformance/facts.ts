import type { Capabilities, Durability } from '../storage/ports/index.js';
import type { StorageUnderTest } from './factory.js';

/** What a driver declares of itself, and what its factory offers the suite. */
export interface Facts {
  readonly driver: string;
  readonly capabilities: Capabilities;
  readonly durability: Durability;
  /** The storage's parts that may be null, and the factory's that may be left out. */
  readonly offers: {
    readonly reopen: boolean;
    readonly second: boolean;
    readonly crash: boolean;
    readonly signals: boolean;
    readonly transfer: boolean;
  };
}

/** What the storage and its factory say. */
export function factsOf({ storage, reopen, second, crash }: StorageUnderTest): Facts {
  const { driver, capabilities, durability, signals, transfer } = storage;
  return {
    driver,
    capabilities,
    durability,
    offers: {
      reopen: reopen !== null,
      second: second !== undefined,
      crash: crash !== undefined,
      signals: signals !== null,
      transfer: transfer !== null,
    },
  };
}

/** What an area asks of a storage before its cases mean anything. */
export interface Need {
  /** As in "the storage has no …". */
  readonly text: string;
  readonly met: (facts: Facts) => boolean;
}

/** Batches of several queues under way at once. */
export const QUEUE_COMMITS: Need = {
  text: 'commits of a queue of its own',
  met: ({ capabilities }) => capabilities.commitScope === 'queue',
};

/** Two instances on the same data. */
export const SECOND: Need = { text: 'second instance on the same data', met: ({ offers }) => offers.second };

/** Two instances that tell each other what they do. */
export const SIGNALS: Need = {
  text: 'second instance with signals',
  met: ({ offers }) => offers.second && offers.signals,
};

/** Several processes at once. */
export const SHARED: Need = { text: 'other process to share it with', met: ({ capabilities }) => capabilities.shared };

/** Data that outlives closing. */
export const REOPEN: Need = { text: 'data that outlives closing', met: ({ offers }) => offers.reopen };

/** A crash that the factory brings about. */
export const CRASH: Need = { text: 'way to crash it', met: ({ offers }) => offers.crash };

/** Copying as a whole. */
export const TRANSFER: Need = { text: 'transfer', met: ({ offers }) => offers.transfer };
