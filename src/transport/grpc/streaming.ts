import type { Metadata, ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import type { AuthStrategy } from '../../auth/index.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { CallMetrics } from '../../telemetry/calls.js';
import type { Logger } from '../../telemetry/log.js';
import { DISPATCH, rowOf, type RequestOf, type ResponseOf, type StreamMethod } from '../dispatch.js';
import type { Session, StreamHandler } from '../streams/session.js';
import { GrpcCallContext } from './call-context.js';
import { decodeRequest, type Codec } from '../codec.js';
import { toStatus } from './errors.js';
import { failureFacts, overloadedError } from '../failure.js';
import { readOneAhead } from './http2.js';
import type { InFlight } from '../in-flight.js';
import { GrpcOutlet } from './outlet.js';
import { endCallSpan, inCallSpan } from '../tracing.js';

/** What every stream needs. */
export interface StreamParts {
  /** The door, as traces name it. */
  readonly system: string;
  readonly auth: AuthStrategy;
  /** Streams are bounded apart from unary calls: they are open for hours. */
  readonly streams: InFlight;
  readonly metrics: CallMetrics;
  readonly log: Logger;
}

type Bidi = ServerDuplexStream<Buffer, Buffer>;
type OneRequest = ServerWritableStream<Buffer, Buffer>;

/** A method of streams as grpc-js serves it, by whether the client sends one request or many. */
export interface ServedStream {
  readonly serveOne: (call: OneRequest) => void;
  readonly serveMany: (call: Bidi) => void;
}

/** Everything around a session: bound, identity, decoding, span, metrics, errors. Bytes go in and out, as in `unary`. */
export function streaming<M extends StreamMethod>(
  parts: StreamParts,
  method: M,
  handler: StreamHandler<M>,
): ServedStream {
  const row = rowOf(method);
  const requestCodec = DISPATCH[method].requestCodec as unknown as Codec<RequestOf<M>>;
  const responseCodec = DISPATCH[method].responseCodec as unknown as Codec<ResponseOf<M>>;
  const busy = toStatus(overloadedError(row));

  function open(
    call: Bidi | OneRequest,
    metadata: Metadata,
  ): { session: Session<Buffer>; outlet: GrpcOutlet<ResponseOf<M>> } {
    let session: Session<RequestOf<M>> | undefined;
    const outlet = new GrpcOutlet<ResponseOf<M>>(call, responseCodec, {
      ready: () => session?.ready(),
      status: (error) => toStatus(error, failureFacts(parts.log, row, error, metadata)),
    });
    try {
      const context = new GrpcCallContext(parts.auth.identify(metadata), call);
      session = handler(context, outlet, metadata);
    } catch (thrown) {
      outlet.end(MarconiError.from(thrown));
    }
    return { session: ofBytes(session, (bytes) => decodeRequest(requestCodec, row, bytes)), outlet };
  }

  function serve(call: Bidi | OneRequest, feed: (session: Session<Buffer>) => void): void {
    const started = performance.now();
    parts.metrics.started();
    if (!parts.streams.enter()) {
      call.emit('error', busy);
      parts.metrics.finished(row.name, 'OVERLOADED', 0);
      return;
    }
    inCallSpan(parts.system, row, call.metadata, (span) => {
      const { session, outlet } = open(call, call.metadata);
      // Emitted at the end of every call, whatever ended it.
      call.once('cancelled', () => {
        parts.streams.leave();
        session.gone();
        const { reason, code } = outcomeOf(outlet.ended);
        parts.metrics.finished(row.name, reason, (performance.now() - started) / 1000);
        endCallSpan(span, reason, code);
      });
      feed(session);
    });
  }

  return {
    serveOne: (call) =>
      serve(call, (session) => {
        session.receive(call.request);
        session.halfClosed();
      }),
    serveMany: (call) =>
      serve(call, (session) => {
        readOneAhead(call);
        call.on('data', (bytes: Buffer) => session.receive(bytes));
        call.on('end', () => session.halfClosed());
      }),
  };
}

/** The session over requests that are not decoded; one that could not begin takes everything and does nothing. */
function ofBytes<In>(session: Session<In> | undefined, decode: (bytes: Buffer) => In): Session<Buffer> {
  return {
    receive: (bytes) => {
      if (session === undefined) return;
      let request: In;
      try {
        request = decode(bytes);
      } catch (thrown) {
        session.fail(MarconiError.from(thrown));
        return;
      }
      session.receive(request);
    },
    fail: (error) => session?.fail(error),
    halfClosed: () => session?.halfClosed(),
    ready: () => session?.ready(),
    gone: () => session?.gone(),
  };
}

function outcomeOf(ended: MarconiError | null | undefined): { reason: string; code: number } {
  if (ended === null) return { reason: 'OK', code: 0 };
  if (ended === undefined) return { reason: 'CANCELLED', code: 0 };
  return { reason: ended.reason, code: ended.row.grpc };
}
