import type { Principal, TenantScope } from '../domain/principal.js';
import type { CallMetadata } from '../tenancy/scope.js';

/** Seconds for which what a credential is may be kept by who asked. */
export const IDENTITY_TTL_SECONDS = 60;

/** What the core makes of a credential. */
export interface Identity {
  readonly principal: Principal;
  readonly scope: TenantScope;
}

/**
 * Decides who calls, and in which project, from the metadata of one call. Identity is decided here and nowhere else
 * (design section 2). Throws INVALID_PROJECT, UNAUTHENTICATED.
 */
export interface AuthStrategy {
  readonly name: 'none';
  identify(metadata: CallMetadata): Identity;
}
