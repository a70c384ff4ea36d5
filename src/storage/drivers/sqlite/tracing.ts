import { SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';
import { MarconiError } from '../../../errors/marconi-error.js';

const tracer = trace.getTracer('marconi.storage.sqlite');

/** Runs a storage call within a span `marconi.storage.<name>`; a failure is noted on it by its reason. */
export function traced<T>(name: string, attributes: Attributes, call: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(`marconi.storage.${name}`, { attributes }, async (span) => {
    try {
      return await call();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: MarconiError.from(error).reason });
      throw error;
    } finally {
      span.end();
    }
  });
}
