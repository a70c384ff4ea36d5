import type { Project } from '../../domain/principal.js';
import type { Millis } from '../../domain/time.js';
import type { QueueRecord, QueueRef } from './queue.js';

/** What CreateQueue came to. */
export interface QueueCreation {
  /** True when this call made the queue; false when another incarnation was there, which is then in `queue`. */
  readonly created: boolean;
  readonly queue: QueueRecord;
}

/** One page of queues asked for. */
export interface QueuePageQuery {
  readonly project: Project;
  /** Names strictly after this one, in byte order; empty for all. */
  readonly after: string;
  readonly limit: number;
}

/**
 * Queues by project and name. Each method is one atomic, durable step; a write resolves when it is as durable as the
 * storage says. (project, name) is unique; the global project is never one with a named one (semantics section 2).
 */
export interface ControlStore {
  /** Puts the queue under its name unless the name is taken. */
  createQueue(project: Project, name: string, ref: QueueRef, now: Millis): Promise<QueueCreation>;

  /** The queue of that name; null when there is none. */
  findQueue(project: Project, name: string): Promise<QueueRecord | null>;

  /** The project's queues in byte order of their names. */
  listQueues(query: QueuePageQuery): Promise<readonly QueueRecord[]>;

  /** Replaces the metadata; false when there is no such queue. */
  setMetadata(project: Project, name: string, metadata: Uint8Array): Promise<boolean>;

  /** Takes the name away from the incarnation, which the caller has fenced; false when the name is not its any more. */
  deleteQueue(project: Project, name: string, uid: string): Promise<boolean>;

  /** Those of the given incarnations that still have a name. */
  namedUids(uids: readonly string[]): Promise<ReadonlySet<string>>;
}
