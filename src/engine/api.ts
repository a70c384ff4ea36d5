import type { Position } from '../domain/marker.js';
import type { ClientId } from '../domain/client-id.js';
import type { Project } from '../domain/principal.js';
import type { Millis } from '../domain/time.js';
import type {
  AckOutcome,
  Durability,
  NewMessage,
  QueueRecord,
  QueueStats,
  StorageHealth,
  StoredClaim,
  StoredMessage,
} from '../storage/ports/index.js';
import type { CallContext, Post, Receipt } from './shared-api.js';
import type { Delivery } from './stream-api.js';

/** What the doors show comes as the stores give it. */
export type { AckOutcome, Durability, NewMessage, QueueRecord, QueueStats, StorageHealth, StoredClaim, StoredMessage };

export type * from './shared-api.js';
export type * from './stream-api.js';

/** An answer together with the store's time it is true for: ages are counted to it. */
export interface At<T> {
  readonly value: T;
  readonly now: Millis;
}

/** A page of queues. */
export interface QueuePage {
  /** Names strictly after this, in byte order; empty for all. */
  readonly after: string;
  readonly limit: number;
}

/**
 * The queues of a project. Requests are checked at the door; the engine relies on it. Every method may reject with
 * OVERLOADED, STORAGE_UNAVAILABLE and DRAINING; the comments name what is particular.
 */
export interface Queues {
  /** Creates the queue unless it is there. Rejects with STORAGE_FULL. */
  create(ctx: CallContext, name: string): Promise<{ readonly created: boolean }>;
  /** Rejects with QUEUE_NOT_FOUND. */
  find(ctx: CallContext, name: string): Promise<QueueRecord>;
  /** The project's queues in byte order of their names. */
  list(ctx: CallContext, page: QueuePage): Promise<readonly QueueRecord[]>;
  /** Replaces the metadata. Rejects with QUEUE_NOT_FOUND, STORAGE_FULL. */
  setMetadata(ctx: CallContext, name: string, metadata: Uint8Array): Promise<void>;
  /** Rejects with QUEUE_NOT_FOUND. */
  stats(ctx: CallContext, name: string): Promise<At<QueueStats>>;
  /** Deletes the queue with all its messages and claims; false when there was none. */
  delete(ctx: CallContext, name: string): Promise<{ readonly deleted: boolean }>;
}

/** A page of messages. */
export interface MessageListing {
  readonly position: Position;
  readonly limit: number;
  /** The caller's client id, for leaving out its own messages; null when it has none. */
  readonly caller: ClientId | null;
  readonly echo: boolean;
  readonly includeClaimed: boolean;
}

/** Messages found, and ids of those that exist and did not fit in the page. */
export interface Found<T> {
  readonly value: T;
  readonly omitted: readonly string[];
  readonly now: Millis;
}

/** The messages of a queue. */
export interface Messages {
  /** Stores all or none (P1, P2). Rejects with QUEUE_NOT_FOUND, STORAGE_FULL, PRODUCER_KEY_REUSED. */
  post(ctx: CallContext, queue: string, post: Post): Promise<Receipt>;
  /** Messages after a position, oldest first; none when there is no such queue. */
  list(ctx: CallContext, queue: string, listing: MessageListing): Promise<At<readonly StoredMessage[]>>;
  /** Rejects with MESSAGE_NOT_FOUND, also when there is no such queue. */
  get(ctx: CallContext, queue: string, id: string): Promise<At<StoredMessage>>;
  /** Oldest first, each once; unknown ids are skipped. */
  getMany(ctx: CallContext, queue: string, ids: readonly string[]): Promise<Found<readonly StoredMessage[]>>;
  /** Rejects with MESSAGE_CLAIMED, CLAIM_LOST; succeeds when there is no such message. */
  delete(ctx: CallContext, queue: string, id: string, claim: string | null): Promise<{ readonly deleted: boolean }>;
  /** Deletes whoever holds them; unknown ids are skipped. */
  deleteMany(ctx: CallContext, queue: string, ids: readonly string[]): Promise<{ readonly deleted: number }>;
  /** Takes the first claimable messages out; none when there is no such queue. */
  pop(ctx: CallContext, queue: string, limit: number): Promise<At<readonly StoredMessage[]>>;
}

/** A claim asked for. */
export interface ClaimRequest {
  readonly ttl: number;
  readonly grace: number;
  readonly limit: number;
  /** Milliseconds to wait when nothing is claimable, 0 to 30 000. */
  readonly waitMs: number;
}

/** The claims of a queue. */
export interface Claims {
  /** Claims the first claimable messages; null when there are none, or no such queue, until the wait is over. */
  create(ctx: CallContext, queue: string, request: ClaimRequest): Promise<At<StoredClaim | null>>;
  /** Rejects with CLAIM_NOT_FOUND. */
  get(ctx: CallContext, queue: string, claim: string): Promise<Found<StoredClaim>>;
  /** Renews a live claim and gives its new end. Rejects with CLAIM_NOT_FOUND. */
  renew(ctx: CallContext, queue: string, claim: string, ttl: number, grace: number): Promise<{ readonly ends: Millis }>;
  /** Ends the claim; 0 when it did not live. */
  release(ctx: CallContext, queue: string, claim: string): Promise<{ readonly released: number }>;
  /** Deletes each message that the live claim holds; outcomes in the order of the ids. */
  acknowledge(ctx: CallContext, queue: string, claim: string, ids: readonly string[]): Promise<readonly AckOutcome[]>;
}

/** How the node is. */
export interface NodeStatus {
  readonly driver: string;
  readonly durability: Durability;
  readonly health: StorageHealth;
  readonly draining: boolean;
}

/** How full one queue is. */
export interface QueueDepth {
  readonly project: Project;
  readonly queue: string;
  readonly total: number;
  readonly claimed: number;
  /** Milliseconds since its oldest message was posted; 0 when it has none. */
  readonly oldestAgeMs: number;
}

/** What the engine has at hand now. */
export interface EngineLoad {
  /** Steps that wait for a commit; where the store commits by queue, those under way too. */
  readonly waitingSteps: number;
  /** Bytes of their bodies. */
  readonly waitingBytes: number;
  /** Commits under way. */
  readonly commitsUnderWay: number;
  /** Claim requests that wait for a message. */
  readonly waiters: number;
  /** Those who follow a queue. */
  readonly followers: number;
}

/** The queue engine: the rules of `spec/semantics.md` over a storage. */
export interface Engine {
  readonly queues: Queues;
  readonly messages: Messages;
  readonly claims: Claims;
  readonly delivery: Delivery;
  /** Never rejects. */
  status(): Promise<NodeStatus>;
  /** The depths of up to `limit` queues, those that were used last. */
  depths(limit: number): Promise<readonly QueueDepth[]>;
  load(): EngineLoad;
  /** From now on new work is refused with DRAINING and waits end empty; resolves when streams have ended and commits are done. */
  drain(): Promise<void>;
}
