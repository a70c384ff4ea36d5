import type { Principal, TenantScope } from '../domain/principal.js';
import type { CallMetadata } from '../tenancy/scope.js';

/** What the core makes of a credential. */
export interface Identity {
  readonly principal: Principal;
  readonly scope: TenantScope;
  /** Seconds for which the answer may be kept. */
  readonly ttlSeconds: number;
}

/**
 * Decides who calls, and in which project, from the metadata of one call. Identity is decided here and nowhere else
 * (design section 2). Throws INVALID_PROJECT, UNAUTHENTICATED.
 */
export interface AuthStrategy {
  readonly name: Principal['strategy'];
  identify(metadata: CallMetadata): Identity;
}
