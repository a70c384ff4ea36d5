/**
 * The limits that every door keeps. Names, defaults and least values are those of `spec/semantics.md` section 10 and the
 * abuse limits of the design; a test asserts each on every door. Fixed values are constants, the others are settings.
 */

/** Page size when a request gives no limit (all lists and claims). */
export const DEFAULT_PAGE = 10;

/** Bodies that one response holds at the most, in bytes; a response always holds one message when there is one. */
export const MAX_RESPONSE_BYTES = 3 * 1024 * 1024;

/** The least message ttl, claim ttl and claim grace, in seconds. */
export const LEAST_SECONDS = 60;

/** The longest wait of a claim request, in milliseconds. */
export const MAX_WAIT_MS = 30_000;

/** The longest producer id, in bytes. */
export const MAX_PRODUCER_ID_BYTES = 64;

/** The longest media type of a message, in characters. */
export const MAX_CONTENT_TYPE_LENGTH = 255;

/** Messages of one post: more than a REST post of the default size can hold, so few that the receipt stays under 1 MiB. */
export const MAX_MESSAGES_PER_POST = 16_384;

/** Bytes of bodies in one claim or page of a stream or of ZeroMQ, beyond one message: small, as each stalled reader holds some. */
export const STREAM_PORTION_BYTES = 128 * 1024;

/** Messages in one page of a queue that is followed. */
export const STREAM_PAGE_MESSAGES = 256;

/** Batches of a publishing stream that may be unanswered. */
export const PUBLISH_WINDOW_BATCHES = 64;

/** Their bodies, in posts of the largest size. */
export const PUBLISH_WINDOW_POSTS = 4;

/** Claims of one stream that live at once. */
export const MAX_CLAIMS_PER_STREAM = 1_024;

/** Requests of one stream that are under way at once; more are not read. */
export const MAX_REQUESTS_PER_STREAM = 64;

/** Silence on a stream that follows a queue, after which it shows that it lives, in milliseconds. */
export const STREAM_SILENCE_MS = 15_000;

/** Limits that the operator may set. */
export interface Limits {
  readonly maxQueuesPerPage: number;
  readonly maxMessagesPerPage: number;
  readonly maxMessagesPerClaim: number;
  /** Bytes of a queue's metadata. */
  readonly maxQueueMetadata: number;
  /** Bytes of a post: of the REST request, or of the bodies of a gRPC request. */
  readonly maxMessageSize: number;
  /** Seconds. */
  readonly maxMessageTtl: number;
  /** Seconds. */
  readonly maxClaimTtl: number;
  /** Seconds. */
  readonly maxClaimGrace: number;
  /** Nesting of a JSON text. */
  readonly maxJsonDepth: number;
}

/** The defaults of the original API. */
export const DEFAULT_LIMITS: Limits = {
  maxQueuesPerPage: 20,
  maxMessagesPerPage: 20,
  maxMessagesPerClaim: 20,
  maxQueueMetadata: 65_536,
  maxMessageSize: 262_144,
  maxMessageTtl: 1_209_600,
  maxClaimTtl: 43_200,
  maxClaimGrace: 43_200,
  maxJsonDepth: 1_000,
};
