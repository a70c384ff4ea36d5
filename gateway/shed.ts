import type { IncomingMessage, RequestListener } from 'node:http';
import type { CallMetrics } from '../src/telemetry/calls.js';
import { problemAnswer, send } from './http/answer.js';
import { tooManyRequests, type InFlight } from './middleware/in-flight.js';
import { requestIdOf } from './middleware/observe.js';

/** True for a post of messages, as far as the target tells. */
function isPost({ method, url = '' }: IncomingMessage): boolean {
  if (method !== 'POST') return false;
  const cut = url.indexOf('?');
  return url.endsWith('/messages', cut < 0 ? url.length : cut);
}

/**
 * Refuses posts that would find no place before anything else is spent on them: under a flood this is what most requests
 * come to, and what is saved here is what claims and reads then do not wait for.
 */
export function shedding(inFlight: InFlight, metrics: CallMetrics, next: RequestListener): RequestListener {
  const busy = problemAnswer(tooManyRequests());
  return (request, response) => {
    const project = request.headers['x-project-id'];
    if (!isPost(request) || inFlight.takesIntake(typeof project === 'string' ? project : null)) {
      next(request, response);
      return;
    }
    metrics.started();
    request.resume();
    response.setHeader('X-Request-Id', requestIdOf(request));
    send(response, busy);
    metrics.finished('post-messages', 'OVERLOADED', 0);
  };
}
