import type { BatchId } from '../../domain/message-id.js';
import type { ClientId } from '../../domain/client-id.js';
import type { Marker } from '../../domain/marker.js';
import type { Millis, Tick } from '../../domain/time.js';
import type { QueueRef } from './queue.js';

/** A message to be stored. */
export interface NewMessage {
  readonly body: Uint8Array;
  /** Media type; empty for application/json. */
  readonly contentType: string;
  /** Seconds of life. */
  readonly ttl: number;
}

/** A message as the store shows it. */
export interface StoredMessage {
  readonly id: string;
  readonly marker: Marker;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly ttl: number;
  readonly postedAt: Millis;
  readonly expires: Tick;
  /** +1 for each claim, never reset. */
  readonly epoch: number;
  /** +1 for each claim, reset only by a redrive. */
  readonly attempt: number;
}

/** A live claim as the store shows it, with the messages still under it, oldest first. */
export interface StoredClaim {
  readonly id: string;
  /** The ttl last set, in seconds. */
  readonly ttl: number;
  /** When it was made or last renewed. */
  readonly since: Millis;
  readonly ends: Tick;
  readonly messages: readonly StoredMessage[];
}

/** Names a post that may be repeated. */
export interface ProducerKey {
  /** 1 to 64 bytes, as text. */
  readonly producer: string;
  /** An unsigned 64-bit number, as decimal digits. */
  readonly sequence: string;
  /** A digest of the post's content: a repeat with another content is refused. */
  readonly fingerprint: string;
  /** Seconds for which the record is kept. */
  readonly window: number;
}

/** Makes the queue's incarnation ready for messages; a repeat changes nothing. A fenced one stays fenced. */
export interface OpenOp {
  readonly kind: 'open';
  readonly queue: QueueRef;
}

/** Ends the incarnation: from this commit on every use of it is `gone`; its rows are freed by sweeping. */
export interface FenceOp {
  readonly kind: 'fence';
  readonly queue: QueueRef;
}

/**
 * Stores all messages with consecutive markers, visible at one moment, or none (P2, F4). With a key that is on record,
 * stores nothing and gives the first receipt.
 */
export interface PostOp {
  readonly kind: 'post';
  readonly queue: QueueRef;
  readonly batch: BatchId;
  readonly poster: ClientId | null;
  readonly messages: readonly NewMessage[];
  readonly key: ProducerKey | null;
}

/**
 * Claims the first `limit` claimable messages in marker order (C1 to C5), with the grace rule; it claims only what it
 * returns: at most `maxBytes` of bodies, and always one message when one is claimable.
 */
export interface ClaimNextOp {
  readonly kind: 'claimNext';
  readonly queue: QueueRef;
  readonly claim: string;
  readonly ttl: number;
  readonly grace: number;
  readonly limit: number;
  readonly maxBytes: number;
}

/** Renews a claim that lives and holds at least one message (C6, C9). */
export interface RenewIfLiveOp {
  readonly kind: 'renewIfLive';
  readonly queue: QueueRef;
  readonly claim: string;
  readonly ttl: number;
  readonly grace: number;
}

/** Ends a claim as if it expired now; a claim that does not live is left alone (C7). */
export interface ReleaseIfLiveOp {
  readonly kind: 'releaseIfLive';
  readonly queue: QueueRef;
  readonly claim: string;
}

/** Deletes one message where `judgeDeletion` allows it. */
export interface DeleteIfAllowedOp {
  readonly kind: 'deleteIfAllowed';
  readonly queue: QueueRef;
  readonly id: string;
  readonly claim: string | null;
}

/** Deletes the messages, whoever holds them; unknown ids are skipped (semantics section 4). */
export interface DeleteAllOp {
  readonly kind: 'deleteAll';
  readonly queue: QueueRef;
  readonly ids: readonly string[];
}

/** Deletes each message that the live claim holds; the others are left as they are and told apart. */
export interface AcknowledgeIfHolderOp {
  readonly kind: 'acknowledgeIfHolder';
  readonly queue: QueueRef;
  readonly claim: string;
  readonly ids: readonly string[];
}

/** Takes the first claimable messages out and deletes them in the same step; bounded as `claimNext`. */
export interface PopNextOp {
  readonly kind: 'popNext';
  readonly queue: QueueRef;
  readonly limit: number;
  readonly maxBytes: number;
}

/** One atomic step on the messages of one queue. */
export type MessageOp =
  | OpenOp
  | FenceOp
  | PostOp
  | ClaimNextOp
  | RenewIfLiveOp
  | ReleaseIfLiveOp
  | DeleteIfAllowedOp
  | DeleteAllOp
  | AcknowledgeIfHolderOp
  | PopNextOp;

/** The incarnation is fenced or was never opened: nothing was changed. */
export interface Gone {
  readonly kind: 'gone';
}

/** The store has no room for more: nothing was changed. Only what adds messages or queues is refused so. */
export interface Full {
  readonly kind: 'full';
}

/** What became of one acknowledgement. */
export type AckOutcome = 'acknowledged' | 'alreadyGone' | 'claimLost';

/** Nothing is claimable now. `nextAt`: a lower bound for the tick at which a held message comes free; null: none is held. */
export interface NothingClaimable {
  readonly kind: 'none';
  readonly nextAt: Tick | null;
}

/** What each kind of step comes to, beside `gone`. */
export interface MessageOutcomes {
  open: { readonly kind: 'opened' } | Full;
  fence: { readonly kind: 'fenced' };
  post:
    | {
        readonly kind: 'posted';
        readonly batch: BatchId;
        readonly first: Marker;
        readonly count: number;
        readonly duplicate: boolean;
      }
    | { readonly kind: 'keyReused' }
    /** Another post under the key is not decided yet; nothing was stored: try again. */
    | { readonly kind: 'keyBusy' }
    | Full;
  claimNext: { readonly kind: 'claimed'; readonly claim: StoredClaim } | NothingClaimable;
  renewIfLive: { readonly kind: 'renewed'; readonly ends: Tick } | { readonly kind: 'unknown' };
  releaseIfLive: { readonly kind: 'released'; readonly count: number };
  deleteIfAllowed: { readonly kind: 'deleted' | 'absent' | 'claimed' | 'lost' };
  deleteAll: { readonly kind: 'deleted'; readonly count: number };
  acknowledgeIfHolder: { readonly kind: 'acknowledged'; readonly outcomes: readonly AckOutcome[] };
  popNext: { readonly kind: 'popped'; readonly messages: readonly StoredMessage[] } | NothingClaimable;
}

/** What a step of type `Op` comes to. */
export type OutcomeOf<Op extends MessageOp> = MessageOutcomes[Op['kind']] | Gone;

/** What any step comes to. */
export type MessageOutcome = OutcomeOf<MessageOp>;
