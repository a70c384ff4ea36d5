import type { ClientId } from '../domain/client-id.js';
import type { Marker } from '../domain/marker.js';
import type { Principal, TenantScope } from '../domain/principal.js';
import type { Durability, NewMessage } from '../storage/ports/index.js';

/** Who calls, whose things the call may touch, and when it is given up. Every engine call carries one. */
export interface CallContext {
  readonly principal: Principal;
  readonly scope: TenantScope;
  /** Aborted when the caller gave up or its deadline passed: a wait ends then; a commit under way does not. */
  readonly signal?: AbortSignal;
  /** Bytes of bodies that the answer may hold, beyond one message; absent: what the engine allows, never more. */
  readonly maxBytes?: number;
}

/** Names a post that may be repeated. */
export interface PostKey {
  /** 1 to 64 bytes. */
  readonly producer: string;
  readonly sequence: bigint;
}

/** Messages to post. */
export interface Post {
  readonly poster: ClientId | null;
  readonly messages: readonly NewMessage[];
  readonly key: PostKey | null;
}

/** The receipt of a post: ids and markers in the order of the messages. */
export interface Receipt {
  readonly ids: readonly string[];
  readonly markers: readonly Marker[];
  readonly durability: Durability;
  /** True when an earlier post with the same key stored them. */
  readonly duplicate: boolean;
}
