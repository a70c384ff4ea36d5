import { IDENTITY_TTL_SECONDS } from '../../auth/index.js';
import type { ServiceHandlers } from './handler.js';

/** What a credential is worth was found out before: the context holds it. */
export const authHandlers: ServiceHandlers<'AuthService'> = {
  'marconi.v1.AuthService/Authenticate': async ({ principal, scope }) => ({
    strategy: principal.strategy,
    project: scope.project ?? undefined,
    roles: [...principal.roles],
    ttl: { seconds: BigInt(IDENTITY_TTL_SECONDS), nanos: 0 },
  }),
};
