import { randomUUID } from 'node:crypto';
import type { handleUnaryCall, Metadata, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { Span } from '@opentelemetry/api';
import type { AuthStrategy } from '../../auth/index.js';
import type { Project } from '../../domain/principal.js';
import { isQueueName } from '../../domain/queue-name.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { CallMetrics } from '../../telemetry/calls.js';
import type { Logger } from '../../telemetry/log.js';
import { DISPATCH, rowOf, type DispatchRow, type RequestOf, type ResponseOf, type UnaryMethod } from '../dispatch.js';
import { asBuffer } from '../encode.js';
import { GrpcCallContext } from './call-context.js';
import { toStatus } from './errors.js';
import type { Handler } from './handlers/handler.js';
import type { InFlightByClass } from './in-flight.js';
import { OVERLOAD_RETRY_MS } from './limits.js';
import { endCallSpan, inCallSpan } from './tracing.js';

/** What every call needs. */
export interface UnaryParts {
  readonly auth: AuthStrategy;
  readonly inFlight: InFlightByClass;
  readonly metrics: CallMetrics;
  readonly log: Logger;
}

type Call = ServerUnaryCall<Buffer, Buffer>;

/** What an audit line says beside method and outcome, as far as the call got. */
interface AuditFacts {
  project?: Project;
  queue?: string | undefined;
}

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
}

/**
 * Everything around a handler, in one place because each layer of grpc-js interceptors costs a tenth of a call: bound,
 * identity, decoding, span, metrics, audit, errors. Bytes go in and out, so that a request that is no protobuf message
 * is the caller's INVALID_REQUEST, and an answer is not copied twice.
 */
export function unary<M extends UnaryMethod>(
  parts: UnaryParts,
  method: M,
  handler: Handler<M>,
): handleUnaryCall<Buffer, Buffer> {
  const row = rowOf(method);
  const requestCodec = DISPATCH[method].requestCodec as unknown as Codec<RequestOf<M> & AuditFacts>;
  const responseCodec = DISPATCH[method].responseCodec as unknown as Codec<ResponseOf<M>>;
  const inFlight = parts.inFlight[row.limitClass];
  // Made once: under a flood it is the answer to most calls.
  const busy = toStatus(overloaded(row));

  async function serve(call: Call, audit: AuditFacts | null): Promise<Buffer> {
    const { metadata } = call;
    const context = new GrpcCallContext(parts.auth.identify(metadata), call);
    const request = decode(requestCodec, row, call.request);
    if (audit !== null) {
      audit.project = context.scope.project;
      if (isQueueName(request.queue ?? '')) audit.queue = request.queue;
    }
    return asBuffer(responseCodec.encode(await handler(context, request, metadata)).finish());
  }

  return (call, callback) => {
    const started = performance.now();
    parts.metrics.started();
    if (!inFlight.enter()) {
      callback(busy);
      parts.metrics.finished(row.name, 'OVERLOADED', 0);
      return;
    }
    const audit: AuditFacts | null = row.auditClass === 'change' ? {} : null;
    const finish = (span: Span, reason: string, code: number): void => {
      inFlight.leave();
      parts.metrics.finished(row.name, reason, (performance.now() - started) / 1000);
      endCallSpan(span, reason, code);
      if (audit !== null) parts.log.info({ audit: true, method: row.name, ...audit, outcome: reason }, 'change');
    };
    inCallSpan(row, call.metadata, (span) => {
      serve(call, audit).then(
        (answer) => {
          callback(null, answer);
          finish(span, call.cancelled ? 'CANCELLED' : 'OK', 0);
        },
        (thrown: unknown) => {
          const error = MarconiError.from(thrown);
          refuse(parts.log, row, error, call.metadata, callback);
          finish(span, error.reason, error.row.grpc);
        },
      );
    });
  };
}

function decode<T>(codec: Codec<T>, row: DispatchRow, bytes: Buffer): T {
  try {
    return codec.decode(bytes);
  } catch {
    throw MarconiError.invalidField('request', `expected a ${row.request}; the bytes are not one`);
  }
}

function overloaded(row: DispatchRow): MarconiError {
  return new MarconiError('OVERLOADED', 'Too many calls are under way; try again later.', {
    retryAfterMs: OVERLOAD_RETRY_MS,
    metadata: { limit_class: row.limitClass },
  });
}

/** A fault of the server is logged with its cause; the caller gets the request id that leads there. */
function refuse(
  log: Logger,
  row: DispatchRow,
  error: MarconiError,
  metadata: Metadata,
  callback: sendUnaryData<Buffer>,
): void {
  if (error.reason !== 'INTERNAL') {
    callback(toStatus(error));
    return;
  }
  const requestId = requestIdOf(metadata);
  log.error({ requestId, method: row.name, err: error.cause ?? error }, 'call failed');
  callback(toStatus(error, { request_id: requestId }));
}

/** The id that the caller gave (a gateway gives its own on), when it is one that a log can hold; else a new one. */
function requestIdOf(metadata: Metadata): string {
  const given = metadata.get('x-request-id')[0];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}
