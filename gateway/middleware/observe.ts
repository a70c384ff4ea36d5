import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { CallMetrics } from '../../src/telemetry/calls.js';
import type { Logger } from '../../src/telemetry/log.js';

/** What is noted about a request until its response is over. */
export interface Observation {
  readonly requestId: string;
  /** The operation of the API, a closed set; `unknown` until a route took the request. */
  operation: string;
  /** `OK`, or the reason for which it failed. */
  reason: string;
  readonly span: Span;
}

/** How requests are observed. */
export interface Observers {
  readonly log: Logger;
  readonly metrics: CallMetrics;
}

const tracer = trace.getTracer('marconi-gateway');
const prefix = randomBytes(6).toString('base64url');
let counted = 0;

/** Names a request: an id that the client chose is kept when it is one that a log can hold. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given)) return given;
  return `${prefix}-${(counted++).toString(36)}`;
}

/**
 * Begins a trace span, counts the request and gives it an id (X-Request-Id), then runs `next`; when the response is
 * over, ends the span, records the latency and writes the access log line (level debug; error for a fault of ours).
 */
export function observe(
  { log, metrics }: Observers,
  request: IncomingMessage,
  response: ServerResponse,
  next: (observation: Observation) => void,
): void {
  const started = performance.now();
  const parent = propagation.extract(context.active(), request.headers);
  const span = tracer.startSpan(`REST ${request.method ?? ''}`, { kind: SpanKind.SERVER }, parent);
  const observation: Observation = { requestId: requestIdOf(request), operation: 'unknown', reason: 'OK', span };
  const target = request.url;
  metrics.started();
  response.setHeader('X-Request-Id', observation.requestId);
  response.once('close', () => {
    const ms = performance.now() - started;
    const { operation, reason, requestId } = observation;
    metrics.finished(operation, reason, ms / 1000);
    endSpan(observation, response);
    if (!log.isLevelEnabled('debug')) return;
    log.debug(
      { requestId, method: request.method, target, status: response.statusCode, operation, reason, ms },
      'request',
    );
  });
  context.with(trace.setSpan(parent, span), next, undefined, observation);
}

function endSpan({ span, operation, reason }: Observation, response: ServerResponse): void {
  if (span.isRecording()) {
    span.updateName(`REST ${operation}`);
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  }
  span.end();
}
