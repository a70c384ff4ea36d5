import { MarconiError } from '../../src/errors/marconi-error.js';
import type { Logger } from '../../src/telemetry/log.js';
import { problemAnswer, send, type Answer } from '../http/answer.js';
import type { Exchange } from '../http/exchange.js';
import { Problem } from '../http/problem.js';
import { checkAccept } from '../middleware/accept.js';
import type { Authenticator } from '../middleware/authenticate.js';
import { readClientId } from '../middleware/client-id.js';
import { checkContentType } from '../middleware/content-type.js';
import type { InFlight } from '../middleware/in-flight.js';
import type { Observation } from '../middleware/observe.js';
import { checkProjectLength, readProject } from '../middleware/project.js';
import { checkQueueName } from '../middleware/queue-name.js';
import { isBeyondDraining } from '../middleware/read-body.js';
import { allowed, type Method, type Resource } from './resource.js';

/** What serving a request takes. */
export interface Serving {
  readonly auth: Authenticator;
  readonly inFlight: InFlight;
  readonly log: Logger;
  /** True while the gateway drains: connections are closed after their answer. */
  readonly draining: () => boolean;
}

/** Serves one request of a resource, or of a path that leads nowhere (null): checks, runs, answers. Never rejects. */
export async function serve(
  serving: Serving,
  resource: Resource | null,
  exchange: Exchange,
  observation: Observation,
): Promise<void> {
  let answer: Answer;
  try {
    answer = resource === null ? await lost(serving, exchange) : await run(serving, resource, exchange, observation);
  } catch (error) {
    answer = refuse(error, exchange, observation, serving.log);
  }
  if (exchange.response.destroyed) return;
  if (serving.draining() || isBeyondDraining(exchange.request)) exchange.response.setHeader('Connection', 'close');
  send(exchange.response, answer);
}

/** The checks of any request, in the order of spec rest-v1 1.5. */
function check(exchange: Exchange, resource: Resource | null, type?: string): void {
  readProject(exchange);
  checkAccept(exchange.header('accept'), type);
  if (resource !== null && exchange.params['queue_name'] !== undefined) {
    checkProjectLength(exchange);
    checkQueueName(exchange);
  }
  checkContentType(exchange.request);
  readClientId(exchange);
}

async function run(
  serving: Serving,
  resource: Resource,
  exchange: Exchange,
  observation: Observation,
): Promise<Answer> {
  const operation = resource.methods[exchange.request.method as Method];
  check(exchange, resource, operation?.type);
  if (operation === undefined) return otherMethod(serving, resource, exchange);
  observation.operation = operation.name;
  if (operation.always) return operation.run(exchange);
  return serving.inFlight.run(exchange.project, operation.intake ?? false, () => operation.run(exchange));
}

async function otherMethod({ auth }: Serving, resource: Resource, exchange: Exchange): Promise<Answer> {
  await auth.check(exchange);
  const headers = { Allow: allowed(resource) };
  return { status: exchange.request.method === 'OPTIONS' ? 204 : 405, headers };
}

async function lost({ auth }: Serving, exchange: Exchange): Promise<Answer> {
  check(exchange, null);
  // No route takes an empty name; it is one that is ill-formed all the same.
  if (exchange.path.startsWith('/v1/queues//')) checkQueueName(exchange);
  await auth.check(exchange);
  return problemAnswer(new Problem('notFound', 'There is nothing at this path.'));
}

function refuse(error: unknown, exchange: Exchange, observation: Observation, log: Logger): Answer {
  const problem = error instanceof Problem ? error : Problem.of(MarconiError.from(error));
  observation.reason = problem.reason;
  if (problem.status === 500) {
    log.error(
      { requestId: exchange.requestId, operation: observation.operation, err: problem.cause },
      'request failed',
    );
  }
  return problemAnswer(problem);
}
