import { noneStrategy } from './none.js';
import type { AuthStrategy } from './strategy.js';

export { assertRight, RIGHTS, type GrantedRight } from './rights.js';
export { IDENTITY_TTL_SECONDS, type AuthStrategy, type Identity } from './strategy.js';

const STRATEGIES: Readonly<Record<AuthStrategy['name'], AuthStrategy>> = { none: noneStrategy };

/** The strategy that the setting `auth.strategy` names. */
export function authStrategy(name: AuthStrategy['name']): AuthStrategy {
  return STRATEGIES[name];
}
