import type { QueueRef, Storage } from '../../storage/ports/index.js';

/** A post as a fault remembers it. */
export interface NotedPost {
  readonly ids: readonly string[];
  /** Which instance stored it. */
  readonly instance: number;
}

/** A claim as a fault remembers it. */
export interface NotedClaim {
  readonly queue: QueueRef;
  readonly claim: string;
}

/** What the faulty instances on the same data remember together. */
export class Notes {
  /** Posts seen. */
  posts = 0;
  /** By queue, the newest of each. */
  readonly lastPost = new Map<string, NotedPost>();
  readonly lastClaim = new Map<string, NotedClaim>();
  /** Claims that were made. */
  readonly claims = new Set<string>();
  /** The queues opened, the newest first. */
  readonly queues: QueueRef[] = [];
  /** Messages that are there and not shown. */
  readonly hidden = new Set<string>();
}

/** Where a fault is planted: which instance on the data it is, and whether data was there when it was opened. */
export interface Scene {
  readonly notes: Notes;
  readonly instance: number;
  readonly reopened: boolean;
}

/** A storage with the fault in it. */
export type Planting = (storage: Storage, scene: Scene) => Storage;
