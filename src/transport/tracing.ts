import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { TextMapGetter } from '@opentelemetry/api';
import type { CallMetadata } from '../tenancy/scope.js';
import type { DispatchRow } from './dispatch.js';

const tracer = trace.getTracer('marconi.core');

const getter: TextMapGetter<CallMetadata> = {
  // Asked for by no propagator in use: each looks for the keys that it knows.
  keys: () => [],
  get: (metadata, key) => {
    const value = metadata.get(key)[0];
    return typeof value === 'string' ? value : undefined;
  },
};

/**
 * Runs a call inside its span; the caller's trace goes on where it sent a traceparent. The callee ends the span.
 * @param system the door, as `rpc.system`
 */
export function inCallSpan<T>(system: string, row: DispatchRow, metadata: CallMetadata, run: (span: Span) => T): T {
  const traced = metadata.get('traceparent').length > 0;
  const parent = traced ? propagation.extract(ROOT_CONTEXT, metadata, getter) : ROOT_CONTEXT;
  const attributes = { 'rpc.system': system, 'rpc.service': row.service, 'rpc.method': row.name };
  const span = tracer.startSpan(`${row.service}/${row.name}`, { kind: SpanKind.SERVER, attributes }, parent);
  return context.with(trace.setSpan(parent, span), run, undefined, span);
}

/** Ends the span of a call with its outcome: `OK` or a reason. */
export function endCallSpan(span: Span, reason: string, code: number): void {
  if (span.isRecording()) {
    span.setAttributes({ 'rpc.grpc.status_code': code, 'marconi.reason': reason });
    if (code !== 0) span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  }
  span.end();
}
