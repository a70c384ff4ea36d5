import type { AuthStrategy } from '../../../auth/index.js';
import type { ServiceHandlers } from './handler.js';

export function authHandlers(auth: AuthStrategy): ServiceHandlers<'AuthService'> {
  return {
    'marconi.v1.AuthService/Authenticate': async (_context, _request, metadata) => {
      const { principal, scope, ttlSeconds } = auth.identify(metadata);
      return {
        strategy: principal.strategy,
        project: scope.project ?? undefined,
        roles: [...principal.roles],
        ttl: { seconds: BigInt(ttlSeconds), nanos: 0 },
      };
    },
  };
}
