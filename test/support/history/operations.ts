/**
 * What clients do to a queue, as histories record it. A message is known by its `value`: a text that its producer put
 * into the body and that no other message has, so that it is known also when the answer to its post was lost. A queue
 * is named by any text that tells it from others, and lives through the whole history. A message's `id` and `value`
 * come from what the service answered; `epoch` and `marker` only where the door shows them.
 */
export interface Sighting {
  readonly id: string;
  readonly value: string;
  readonly epoch?: number;
  readonly marker?: number;
}

/**
 * One post by a client that waits for the answer before its next one. With `keyed`, the same values may be posted again
 * under the same idempotency key; without it, never.
 */
export interface PostOperation {
  readonly kind: 'post';
  readonly queue: string;
  readonly values: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  readonly keyed: boolean;
}

/** Takes messages for `ttl` seconds; the result is null when nothing was claimable. */
export interface ClaimOperation {
  readonly kind: 'claim';
  readonly queue: string;
  readonly ttl: number;
  readonly grace: number;
}

/** Deletes or acknowledges messages: with the claim named, or without one. */
export interface RemoveOperation {
  readonly kind: 'remove';
  readonly queue: string;
  readonly ids: readonly string[];
  readonly claim: string | null;
}

/**
 * What became of one message to be removed: `removed` by this very call; `gone`, by this call or before it (a door that
 * does not tell); `absent` before this call; `refused` and left as it was.
 */
export type Removal = 'removed' | 'gone' | 'absent' | 'refused';

/** Ends a claim. */
export interface ReleaseOperation {
  readonly kind: 'release';
  readonly queue: string;
  readonly claim: string;
}

/** Lets a claim go on; the result tells whether it lived. */
export interface RenewOperation {
  readonly kind: 'renew';
  readonly queue: string;
  readonly claim: string;
  readonly ttl: number;
  readonly grace: number;
}

/**
 * One page of a reader that starts at the beginning and keeps its marker. `all`: own and claimed messages are asked
 * for too, so that it must miss nothing.
 */
export interface ListOperation {
  readonly kind: 'list';
  readonly queue: string;
  readonly reader: string;
  readonly limit: number;
  readonly all: boolean;
}

/** All messages of the queue, claimed ones included, when every client has come to rest: the end of a history. */
export interface StoredOperation {
  readonly kind: 'stored';
  readonly queue: string;
}

/** What a client does. */
export type Operation =
  | PostOperation
  | ClaimOperation
  | RemoveOperation
  | ReleaseOperation
  | RenewOperation
  | ListOperation
  | StoredOperation;

/** What each kind of operation results in when it is answered. */
export interface Results {
  post: { readonly ids: readonly string[]; readonly markers?: readonly number[] };
  /** `mayBeOld`: milliseconds that it may have lived at the answer, where it was not made for the call. */
  claim: { readonly claim: string; readonly messages: readonly Sighting[]; readonly mayBeOld?: number } | null;
  remove: { readonly outcomes: readonly Removal[] };
  release: { readonly released: boolean };
  renew: { readonly renewed: boolean };
  /** `next`: the marker that the reader keeps. */
  list: { readonly messages: readonly Sighting[]; readonly next?: string };
  stored: { readonly messages: readonly Sighting[] };
}

/** How an operation ended: answered, refused without effect, or in doubt (it may take effect, also later). */
export type Ending<K extends Operation['kind'] = Operation['kind']> =
  | { readonly kind: 'ok'; readonly result: Results[K] }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown' };

/** One operation of one client, from its call to its end, in milliseconds of one clock for all clients. */
export interface Recorded<Op extends Operation = Operation> {
  readonly client: string;
  readonly op: Op;
  readonly from: number;
  /** Infinity for an operation in doubt. */
  readonly to: number;
  readonly ending: Ending<Op['kind']>;
}
