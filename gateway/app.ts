import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Limits } from '../src/config/limits.js';
import type { CoreClient } from './core/client.js';
import { addDocs } from './docs-page.js';
import { problemAnswer, send } from './http/answer.js';
import { Exchange, type Params } from './http/exchange.js';
import { Problem } from './http/problem.js';
import { Authenticator } from './middleware/authenticate.js';
import type { InFlight } from './middleware/in-flight.js';
import { observe, type Observation, type Observers } from './middleware/observe.js';
import type { Readiness } from './readiness.js';
import { addProbes } from './routes/operator.js';
import { serve, type Serving } from './routes/serve.js';
import type { Resource } from './routes/resource.js';
import { claimRoutes } from './routes/v1/claims.js';
import { healthRoutes } from './routes/v1/health.js';
import { homeRoutes } from './routes/v1/home.js';
import { messageRoutes } from './routes/v1/messages.js';
import { queueRoutes } from './routes/v1/queues.js';
import type { Waits } from './waits.js';

/** What the application is made of. */
export interface AppParts extends Observers {
  readonly core: CoreClient;
  readonly limits: Limits;
  readonly inFlight: InFlight;
  readonly readiness: Readiness;
  readonly waits: Waits;
}

/** What is known of a request before a route has taken it. */
interface Locals {
  observation: Observation;
}

/** The Express application: v1 of the API, the operator's probes, the documentation. */
export function createApp(parts: AppParts): Express {
  const auth = new Authenticator(parts.core);
  const serving: Serving = { ...parts, auth, draining: () => parts.readiness.draining };
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.set('query parser', false);
  app.use((request, response, next) =>
    observe(parts, request, response, (observation) => {
      (response.locals as Locals).observation = observation;
      request.url = withDecodablePath(request.url);
      next();
    }),
  );
  for (const resource of resources(parts, auth)) {
    app.all(resource.path, (request, response) => begin(serving, resource, request, response));
  }
  addProbes(app, parts.readiness);
  addDocs(app);
  app.use((request, response) => begin(serving, null, request, response));
  app.use(answerBrokenRequest(parts));
  return app;
}

/** The busiest first: Express tries them in this order. */
function resources({ core, limits, readiness, waits }: AppParts, auth: Authenticator): Resource[] {
  return [
    ...messageRoutes(core, limits),
    ...claimRoutes(core, limits, waits),
    ...queueRoutes(core, limits),
    ...healthRoutes(auth, readiness),
    ...homeRoutes(auth),
  ];
}

function begin(serving: Serving, resource: Resource | null, request: Request, response: Response): Promise<void> {
  const { observation } = response.locals as Locals;
  const target = originForm(request.originalUrl);
  const exchange = new Exchange(request, response, target, request.params as Params, observation.requestId);
  response.once('close', () => {
    if (!response.writableFinished) exchange.abandon();
  });
  return serve(serving, resource, exchange, observation);
}

/** A request may name the server in its target (RFC 9112 3.2.2); paths in answers never do. */
function originForm(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*/, '');
}

/** A percent sign that begins no UTF-8 escape is meant literally: no path is a 400 for it (spec rest-v1 1.1). */
function withDecodablePath(url: string): string {
  if (!url.includes('%')) return url;
  const cut = url.indexOf('?');
  const path = cut < 0 ? url : url.slice(0, cut);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length);
  }
}

/** The last resort: what Express itself throws. A fault in a handler never comes this far. */
function answerBrokenRequest({ log }: AppParts): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { observation } = response.locals as Locals;
    observation.reason = 'INTERNAL';
    log.error({ requestId: observation.requestId, err: error }, 'request failed outside its route');
    send(response, problemAnswer(new Problem('internal', 'An internal error occurred.', { reason: 'INTERNAL' })));
  };
}
