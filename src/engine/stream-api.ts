import type { ClientId } from '../domain/client-id.js';
import type { Marker, Position } from '../domain/marker.js';
import type { Millis } from '../domain/time.js';
import type { MarconiError } from '../errors/marconi-error.js';
import type { AckOutcome, StoredClaim, StoredMessage } from '../storage/ports/index.js';
import type { CallContext, Post, Receipt } from './shared-api.js';

/** What the client of a stream of claims asks for, and the door's bounds. */
export interface ConsumeOptions {
  readonly ttl: number;
  readonly grace: number;
  /** Messages of one claim at the most. */
  readonly limit: number;
  /** Bytes of bodies of one claim at the most, beyond one message. */
  readonly maxBytes: number;
  /** Bytes that one message may have. */
  readonly largestMessage: number;
  /** Claims that live at once at the most. */
  readonly maxClaims: number;
  /** Claims that live at the end are released at once; else they are left to their ttl. */
  readonly releaseOnEnd: boolean;
}

/** What a stream of claims brings. Nothing comes after `end` was called. */
export interface ConsumerEvents {
  /** A claim was made, within the credit. */
  claimed(claim: StoredClaim, now: Millis): void;
  /** Claiming has come to an end: QUEUE_NOT_FOUND, STORAGE_UNAVAILABLE. `end` is to be called. */
  failed(error: MarconiError): void;
  /** The node drains: finish what was asked and call `end`. */
  draining(): void;
}

/** Claims messages as they come, within credit. Always ended by `end`. */
export interface Consumer {
  /** Adds to the credit. */
  grant(messages: number, bytes: number): void;
  /** The client does not read: no more claims until `resume`. Those that are being committed still come. */
  hold(): void;
  resume(): void;
  acknowledge(claim: string, ids: readonly string[]): Promise<readonly AckOutcome[]>;
  release(claim: string): Promise<{ readonly released: number }>;
  /** Rejects with CLAIM_NOT_FOUND. */
  renew(claim: string, ttl: number, grace: number): Promise<{ readonly ends: Millis }>;
  /** Ends it and, where that was asked for, its claims; those that were made and not told are always released. */
  end(): Promise<void>;
}

/** Where a follower begins: at a position, or after the newest message of the moment. */
export type FollowFrom = Position | { readonly kind: 'now' };

/** How a queue is followed. */
export interface FollowOptions {
  readonly from: FollowFrom;
  /** The caller's client id, for leaving out its own messages; null when it has none. */
  readonly caller: ClientId | null;
  readonly echo: boolean;
  readonly includeClaimed: boolean;
  /** Messages and bytes of bodies of one page at the most; always one message when there is one. */
  readonly limit: number;
  readonly maxBytes: number;
}

/** The next messages of a queue that is followed; none when it was silent. */
export interface FollowedPage {
  readonly messages: readonly StoredMessage[];
  /** The marker of the message before the first, or where the follower began. */
  readonly previous: Marker;
  readonly now: Millis;
}

/** Follows a queue without claiming: each message once, in marker order (P3). Always ended by `end`. */
export interface Follower {
  /** Where it is: the marker of the last message that it gave, or where it began. */
  readonly position: Marker;
  /**
   * The next page, or an empty one after so long without any. Rejects with QUEUE_NOT_FOUND once the queue that it
   * began with is deleted, DRAINING, CANCELLED when the caller gave up.
   */
  next(silenceMs: number): Promise<FollowedPage>;
  end(): void;
}

/** How a feed claims. */
export interface FeedOptions {
  readonly ttl: number;
  readonly grace: number;
  /** Bytes of bodies of one claim at the most, beyond one message. */
  readonly maxBytes: number;
}

/** What a feed brings. Nothing comes after `end` was called. */
export interface FeedEvents {
  /** A claim was made. */
  claimed(queue: string, claim: StoredClaim, now: Millis): void;
  /** A queue cannot be claimed from now; the feed tries again by itself. */
  troubled(queue: string, error: MarconiError): void;
  /** The node drains: `end` is to be called. */
  draining(): void;
}

/**
 * Claims from several queues, which take turns. A queue that does not exist is looked for now and then. Always ended by
 * `end`.
 */
export interface Feed {
  /** So many messages of this feed's claims may be unsettled, in claims of so many at the most. At the start: none. */
  allow(messages: number, batch: number): void;
  /** No more claims until `resume`; the few that are being made still come. */
  hold(): void;
  resume(): void;
  /** The messages of a claim found no reader: they are claimable at once. */
  release(queue: string, claim: string): Promise<void>;
  /** Ends it; claims that were told of are left to their ttl. */
  end(): Promise<void>;
}

/** Posts batch after batch, each only if those before it were stored. Always ended by `end`. */
export interface Publisher {
  /**
   * Submits the next post and gives the promise of its receipt; null when it must wait for `whenReady` and come again.
   * The promise rejects as that of `Messages.post`; no post after one that failed is stored.
   */
  tryPost(queue: string, post: Post): Promise<Receipt> | null;
  /** Resolves when it is worth trying again. Rejects with OVERLOADED after many vain tries. */
  whenReady(): Promise<void>;
  end(): void;
}

/** Streams: many posts, claims or pages under one call. */
export interface Delivery {
  /** `draining` is called when the node drains: finish what was asked and call `end`. Throws DRAINING. */
  publish(ctx: CallContext, draining: () => void): Publisher;
  /** Rejects with QUEUE_NOT_FOUND, DRAINING. */
  consume(ctx: CallContext, queue: string, options: ConsumeOptions, events: ConsumerEvents): Promise<Consumer>;
  /** @param queues each once */
  feed(ctx: CallContext, queues: readonly string[], options: FeedOptions, events: FeedEvents): Feed;
  /** Rejects with QUEUE_NOT_FOUND, MESSAGE_NOT_FOUND, INVALID_REQUEST (a marker that is none), DRAINING, OVERLOADED. */
  follow(ctx: CallContext, queue: string, options: FollowOptions): Promise<Follower>;
}
