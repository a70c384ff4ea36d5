import { SpanStatusCode, trace, type Span } from '@opentelemetry/api';

const tracer = trace.getTracer('marconi.engine');

type Method = (...args: never[]) => Promise<unknown>;

/** Wraps each method of a noun in a span `engine.<noun>.<method>`; failures are told to `onError` and passed on. */
export function traced<T extends object>(noun: string, methods: T, onError: (thrown: unknown) => void): T {
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    inSpan(`engine.${noun}.${name}`, method as Method, onError),
  ]);
  return Object.fromEntries(entries) as T;
}

function inSpan(name: string, method: Method, onError: (thrown: unknown) => void): Method {
  return (...args) =>
    tracer.startActiveSpan(name, async (span: Span) => {
      try {
        return await method(...args);
      } catch (thrown) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        onError(thrown);
        throw thrown;
      } finally {
        span.end();
      }
    });
}
