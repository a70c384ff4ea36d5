import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Logger } from './log.js';

/** How traces are made and where they go. */
export interface TracingOptions {
  /** OTLP/HTTP URL that takes traces; empty: no trace is made, and spans cost nothing. */
  readonly endpoint: string;
  /** Share of requests without a sampled parent that are traced, 0 to 1. */
  readonly ratio: number;
  /** `core`, `gateway`. */
  readonly part: string;
  readonly version: string;
  readonly log: Logger;
}

/** Milliseconds between exports; short, so that a request's trace is whole soon after it. */
const EXPORT_EVERY_MS = 1_000;
/** Milliseconds that one export, and the last one at the stop, may take. */
const EXPORT_TIMEOUT_MS = 2_000;
/** Spans that wait for export at the most; more are dropped. */
const MAX_WAITING_SPANS = 4_096;

/**
 * Sets the process's tracer, context and W3C propagation. Called once, before any door is made.
 * @returns sends what waits and ends; never rejects
 */
export function startTracing(options: TracingOptions): () => Promise<void> {
  if (options.endpoint === '') return async () => undefined;
  reportTrouble(options.log);
  const exporter = new OTLPTraceExporter({ url: options.endpoint, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      [ATTR_SERVICE_NAME]: `marconi-${options.part}`,
      [ATTR_SERVICE_VERSION]: options.version,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio) }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        maxQueueSize: MAX_WAITING_SPANS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown().catch((cause: unknown) => options.log.warn({ err: cause }, 'traces were not sent'));
}

/** A collector that is away is the operator's matter, never a caller's. */
function reportTrouble(log: Logger): void {
  const warn = (message: string): void => log.warn({ detail: message }, 'telemetry trouble');
  const drop = (): void => undefined;
  diag.setLogger({ error: warn, warn, info: drop, debug: drop, verbose: drop }, DiagLogLevel.WARN);
}
