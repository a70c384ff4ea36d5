import type { Span } from '@opentelemetry/api';
import { assertRight } from '../auth/index.js';
import type { Project } from '../domain/principal.js';
import { isQueueName } from '../domain/queue-name.js';
import type { CallContext } from '../engine/api.js';
import { MarconiError } from '../errors/marconi-error.js';
import type { Reason } from '../errors/reasons.js';
import type { CallMetrics } from '../telemetry/calls.js';
import type { Logger } from '../telemetry/log.js';
import type { CallMetadata } from '../tenancy/scope.js';
import { decodeRequest, type Codec } from './codec.js';
import { DISPATCH, rowOf, type RequestOf, type ResponseOf, type UnaryMethod } from './dispatch.js';
import { asBuffer } from './encode.js';
import { failureFacts, overloadedError } from './failure.js';
import type { Handler } from './handlers/handler.js';
import type { InFlightByClass } from './in-flight.js';
import { endCallSpan, inCallSpan } from './tracing.js';

/** What every call of a door needs. */
export interface UnaryParts {
  /** The door, as traces name it: `grpc`, `zeromq`. */
  readonly system: string;
  readonly inFlight: InFlightByClass;
  readonly metrics: CallMetrics;
  readonly log: Logger;
}

/** One call as its door holds it. Exactly one of `answer` and `refuse` is called, once. */
export interface IncomingCall {
  /** Its bytes, or the message that the door has decoded already. */
  readonly request: Uint8Array | object;
  readonly metadata: CallMetadata;
  /** Who calls, and in which project. Throws what `AuthStrategy.identify` does. */
  context(): CallContext;
  answer(response: Buffer): void;
  /** @param facts for programs, beside the error's own */
  refuse(error: MarconiError, facts?: Readonly<Record<string, string>>): void;
  /** Why nobody waits for the answer any more; null while somebody does. */
  readonly abandoned: Reason | null;
}

/** A method of the contract, ready to be called through a door. */
export interface ServedMethod {
  /** Serves one call; never throws. */
  readonly serve: (call: IncomingCall) => void;
  /** The one error that calls are refused with when too many are under way. */
  readonly overloaded: MarconiError;
}

/** What an audit line says beside method and outcome, as far as the call got. */
interface AuditFacts {
  project?: Project;
  queue?: string | undefined;
}

/**
 * Everything around a handler, in one place because each layer of interceptors costs a tenth of a call: bound,
 * identity, right, decoding, span, metrics, audit, errors. Bytes go in and out, so that a request that is no protobuf
 * message is the caller's INVALID_REQUEST, and an answer is not copied twice.
 */
export function servedMethod<M extends UnaryMethod>(parts: UnaryParts, method: M, handler: Handler<M>): ServedMethod {
  const row = rowOf(method);
  const requestCodec = DISPATCH[method].requestCodec as unknown as Codec<RequestOf<M> & AuditFacts>;
  const responseCodec = DISPATCH[method].responseCodec as unknown as Codec<ResponseOf<M>>;
  const inFlight = parts.inFlight[row.limitClass];
  const overloaded = overloadedError(row);

  async function respond(call: IncomingCall, audit: AuditFacts | null): Promise<Buffer> {
    const context = call.context();
    assertRight(context.principal, row.right);
    const { request: given } = call;
    const request =
      given instanceof Uint8Array ? decodeRequest(requestCodec, row, given) : (given as RequestOf<M> & AuditFacts);
    if (audit !== null) {
      audit.project = context.scope.project;
      if (isQueueName(request.queue ?? '')) audit.queue = request.queue;
    }
    return asBuffer(responseCodec.encode(await handler(context, request, call.metadata)).finish());
  }

  function serve(call: IncomingCall): void {
    const started = performance.now();
    parts.metrics.started();
    if (!inFlight.enter()) {
      call.refuse(overloaded);
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
    inCallSpan(parts.system, row, call.metadata, (span) => {
      respond(call, audit).then(
        (response) => {
          call.answer(response);
          finish(span, call.abandoned ?? 'OK', 0);
        },
        (thrown: unknown) => {
          const error = MarconiError.from(thrown);
          call.refuse(error, failureFacts(parts.log, row, error, call.metadata));
          finish(span, error.reason, error.row.grpc);
        },
      );
    });
  }

  return { serve, overloaded };
}
