import type { Principal } from '../domain/principal.js';
import { readScope } from '../tenancy/scope.js';
import type { AuthStrategy } from './strategy.js';

/** A gateway asks again after so long; nothing changes meanwhile, as nobody is checked. */
const TTL_SECONDS = 60;

const NOBODY: Principal = { strategy: 'none', roles: [] };

/** Trusts everyone: the project is the one that the caller names. For loopback and closed networks. */
export const noneStrategy: AuthStrategy = {
  name: 'none',
  identify: (metadata) => ({ principal: NOBODY, scope: readScope(metadata), ttlSeconds: TTL_SECONDS }),
};
