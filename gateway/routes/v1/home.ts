import type { Authenticator } from '../../middleware/authenticate.js';
import { HOME, HOME_TYPE } from '../../present/v1/home.js';
import type { Resource } from '../resource.js';

/** The home document (spec rest-v1 2.1). */
export function homeRoutes(auth: Authenticator): Resource[] {
  const headers = { 'Cache-Control': 'max-age=86400' };
  return [
    {
      path: '/v1',
      methods: {
        GET: {
          name: 'get-home',
          always: true,
          type: HOME_TYPE,
          run: async (exchange) => {
            await auth.check(exchange);
            return { status: 200, headers, body: HOME, type: HOME_TYPE };
          },
        },
      },
    },
  ];
}
