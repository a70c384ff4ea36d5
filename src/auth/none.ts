import type { Principal } from '../domain/principal.js';
import { readScope } from '../tenancy/scope.js';
import type { AuthStrategy } from './strategy.js';

const NOBODY: Principal = { strategy: 'none', roles: [] };

/** Trusts everyone: the project is the one that the caller names. For loopback and closed networks. */
export const noneStrategy: AuthStrategy = {
  name: 'none',
  identify: (metadata) => ({ principal: NOBODY, scope: readScope(metadata) }),
};
