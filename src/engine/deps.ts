import type { Storage } from '../storage/ports/index.js';

/** Random names; injected, so that a simulation repeats itself. */
export interface IdSource {
  /** 16 characters of base64url, 96 random bits: what the ids of one post share. */
  batch(): string;
  /** A claim id of A-Z a-z 0-9 _ -, never given twice. */
  claim(): string;
  /** 32 lower-case hexadecimal digits, 128 random bits: an incarnation of a queue. */
  queueUid(): string;
}

/** Chance: each call gives a number of at least 0 and below 1; injected, so that a simulation repeats itself. */
export type RandomSource = () => number;

/** Calls off what was planned. */
export type Cancel = () => void;

/** The passing of time in the process; injected, so that a simulation steers it. */
export interface Timers {
  /** Runs it after what is at hand has been taken in: all that meets until then shares a commit. */
  defer(run: () => void): void;
  /** Runs it once after so many milliseconds; does not keep the process alive. */
  after(ms: number, run: () => void): Cancel;
}

/** What the engine tells of itself; every method is cheap and never throws. */
export interface EngineObserver {
  /** A call was refused or failed in the engine, by reason. */
  refused(reason: string): void;
  /** One round of sweeping freed so many rows. */
  swept(rows: number): void;
  /** A background task failed and will be tried again. */
  troubled(task: string, cause: unknown): void;
}

/** Bounds and spans of the engine. */
export interface EngineSettings {
  /** Steps that share one commit at the most. */
  readonly maxSteps: number;
  /** Bytes of bodies that share one commit at the most. */
  readonly maxBytes: number;
  /** Commits that are under way at once at the most, where the store commits by queue. */
  readonly maxConcurrent: number;
  /** Steps that bring work in and wait for a commit at the most, over all queues; more are refused. */
  readonly maxWaitingSteps: number;
  /** Bytes of bodies that wait at the most, over all queues. */
  readonly maxWaitingBytes: number;
  /** Bytes of bodies that one answer holds at the most. */
  readonly maxResponseBytes: number;
  /** Seconds for which a producer key is remembered. */
  readonly dedupWindow: number;
}

/** What an engine is made of. */
export interface EngineDeps {
  readonly storage: Storage;
  readonly ids: IdSource;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly settings: EngineSettings;
  /** A digest of texts and bytes, for telling posts under one producer key apart. */
  readonly fingerprint: (parts: readonly (string | Uint8Array)[]) => string;
  readonly observer: EngineObserver;
}
