import type { ClientId } from '../../domain/client-id.js';
import type { Position } from '../../domain/marker.js';
import type { Millis } from '../../domain/time.js';
import type { Gone, MessageOp, MessageOutcome, StoredClaim, StoredMessage } from './message-ops.js';
import type { QueueRef } from './queue.js';

/** A group of steps that share one commit, applied in their order. */
export interface Batch {
  readonly ops: readonly MessageOp[];
  /** The time of the whole commit. */
  readonly now: Millis;
  /**
   * What takes (claimNext, popNext) sees an earlier claim as over only so long after its end, as its holder's clock may
   * be behind (`StoreClock.skew`). 0 when absent; a storage that one process has to itself may ignore it.
   */
  readonly skew?: Millis;
}

/** One page of messages asked for. */
export interface MessagePageQuery {
  readonly queue: QueueRef;
  readonly position: Position;
  readonly limit: number;
  /** Leave out the messages of this poster; null: leave out none. */
  readonly without: ClientId | null;
  readonly includeClaimed: boolean;
  /** At most so many bytes of bodies, and always one message when there is one. */
  readonly maxBytes: number;
  readonly now: Millis;
}

/** Messages that were found, oldest first. */
export interface MessagePage {
  readonly kind: 'page';
  readonly messages: readonly StoredMessage[];
}

/** Messages found by id, oldest first, each once; `omitted` exist and did not fit in `maxBytes`. */
export interface MessagesById {
  readonly kind: 'found';
  readonly messages: readonly StoredMessage[];
  readonly omitted: readonly string[];
}

/** A live claim; `omitted` are under it and did not fit in `maxBytes`. */
export interface ClaimFound {
  readonly kind: 'claim';
  readonly claim: StoredClaim;
  readonly omitted: readonly string[];
}

/** One end of a queue. */
export interface StatsMoment {
  readonly id: string;
  readonly postedAt: Millis;
}

/** A queue's numbers at one moment (semantics section 8): 0 ≤ claimed ≤ total. */
export interface QueueStats {
  readonly kind: 'stats';
  readonly total: number;
  readonly claimed: number;
  readonly oldest: StatsMoment | null;
  readonly newest: StatsMoment | null;
  /** True when the store cannot count exactly at one moment. */
  readonly estimated: boolean;
}

/** What one round of sweeping did. */
export interface SweepReport {
  /** Rows freed. */
  readonly freed: number;
  /** True when more is due now: come again. */
  readonly more: boolean;
}

/** An incarnation that was opened and not fenced. */
export interface OpenQueue {
  readonly uid: string;
  readonly openedAt: Millis;
}

/**
 * The messages and claims of queues, everything by incarnation. Writes resolve when they are as durable as the storage
 * says; a rejected promise (MarconiError STORAGE_UNAVAILABLE) means that each step of the batch is stored or not,
 * unknown which. Reads are of one committed moment, never before an acknowledged write of this process.
 */
export interface MessageStore {
  /**
   * Applies the steps as if in order, each atomic by itself: one that is refused changes nothing and does not disturb
   * the others. Resolves when all of them are durable, with the results in the order of the steps. A driver never
   * batches on its own. It is given the next batch only after this one, but with `commitScope` "queue" a batch is of
   * one queue, and batches of other queues, and of the same queue's posts and other steps, are under way at once.
   */
  apply(batch: Batch): Promise<readonly MessageOutcome[]>;

  /**
   * Frees what is over: expired messages, ended claims, old producer records, the rows of fenced queues. Touches at
   * most about `budget` rows, so that it never is a pause (P5). Correctness never depends on it.
   */
  sweep(now: Millis, budget: number): Promise<SweepReport>;

  /** Lists visible messages after a position (semantics section 7). */
  list(query: MessagePageQuery): Promise<MessagePage | Gone>;

  /** Finds visible messages by id, claimed or not. */
  getMany(queue: QueueRef, ids: readonly string[], maxBytes: number, now: Millis): Promise<MessagesById | Gone>;

  /** Finds a claim that lives and holds at least one message (C5, C9); `unknown` otherwise. */
  getClaim(
    queue: QueueRef,
    claim: string,
    maxBytes: number,
    now: Millis,
  ): Promise<ClaimFound | { readonly kind: 'unknown' } | Gone>;

  /** Counts the queue, exact at once after every post, claim, release, deletion and expiry. */
  stats(queue: QueueRef, now: Millis): Promise<QueueStats | Gone>;

  /** Opened incarnations in order of uid, after the given one: for finding those that lost their name. */
  openQueues(after: string, limit: number): Promise<readonly OpenQueue[]>;
}
