import type { Principal } from '../domain/principal.js';
import { MarconiError } from '../errors/marconi-error.js';

/** What a key may be allowed to do; the names of `marconi.v1.Right`. */
export const RIGHTS = ['read', 'post', 'consume', 'manage', 'operate'] as const;

/** One right. */
export type GrantedRight = (typeof RIGHTS)[number];

/**
 * Throws PERMISSION_DENIED unless the caller has the right that a method needs. Strategy `none` allows everything; of a
 * CURVE key the roles are its rights.
 */
export function assertRight({ strategy, roles }: Principal, right: GrantedRight | 'none'): void {
  if (strategy === 'none' || right === 'none' || roles.includes(right)) return;
  throw new MarconiError('PERMISSION_DENIED', `The key does not carry the right "${right}".`, { metadata: { right } });
}
