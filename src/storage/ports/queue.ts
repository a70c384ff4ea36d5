import type { Millis } from '../../domain/time.js';
import type { Project } from '../../domain/principal.js';

/**
 * One incarnation of a queue. Messages, claims, counters and producer records are keyed by `uid`, never by name, so
 * that delete + create shows nothing old.
 */
export interface QueueRef {
  /** 128 random bits as 32 lower-case hexadecimal digits. */
  readonly uid: string;
  /** The pool that holds its messages; "default" until there are more. */
  readonly pool: string;
}

/** A queue as the control store keeps it. */
export interface QueueRecord {
  readonly project: Project;
  readonly name: string;
  readonly ref: QueueRef;
  /** One JSON object in UTF-8, byte for byte as it was set; "{}" at first. */
  readonly metadata: Uint8Array;
  readonly createdAt: Millis;
}
