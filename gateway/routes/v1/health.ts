import { MarconiError } from '../../../src/errors/marconi-error.js';
import { NO_CONTENT, type Answer } from '../../http/answer.js';
import type { Exchange } from '../../http/exchange.js';
import type { Authenticator } from '../../middleware/authenticate.js';
import type { Readiness } from '../../readiness.js';
import type { Resource } from '../resource.js';

/** Node health (spec rest-v1 2.2): GET asks the storage, HEAD only tells that the gateway lives. */
export function healthRoutes(auth: Authenticator, readiness: Readiness): Resource[] {
  return [
    {
      path: '/v1/health',
      methods: {
        GET: { name: 'get-health', always: true, run: (exchange) => health(exchange, auth, readiness) },
        HEAD: { name: 'head-health', always: true, run: (exchange) => liveness(exchange, auth) },
      },
    },
  ];
}

async function health(exchange: Exchange, auth: Authenticator, readiness: Readiness): Promise<Answer> {
  if (!(await isKnown(exchange, auth))) return { status: 503 };
  return (await readiness.look(exchange)).ready ? NO_CONTENT : { status: 503 };
}

async function liveness(exchange: Exchange, auth: Authenticator): Promise<Answer> {
  await isKnown(exchange, auth);
  return NO_CONTENT;
}

/** False when the core cannot say; rejects when it says no. */
async function isKnown(exchange: Exchange, auth: Authenticator): Promise<boolean> {
  try {
    await auth.check(exchange);
    return true;
  } catch (error) {
    if (error instanceof MarconiError && error.row.http === 503) return false;
    throw error;
  }
}
