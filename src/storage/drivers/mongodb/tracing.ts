import { SpanStatusCode, trace } from '@opentelemetry/api';
import { MarconiError } from '../../../errors/marconi-error.js';

const tracer = trace.getTracer('marconi.storage.mongodb');

/** The calls of each port that are worth a span: what the engine does in the background is not. */
export const CONTROL_CALLS = ['createQueue', 'findQueue', 'listQueues', 'setMetadata', 'deleteQueue'] as const;
export const MESSAGE_CALLS = ['apply', 'sweep', 'list', 'getMany', 'getClaim', 'stats'] as const;

type Call = (...args: never[]) => Promise<unknown>;

/** The store with each of its methods in a span `marconi.storage.<name>`; a failure is noted on it by its reason. */
export function traced<T extends object>(store: T, methods: readonly (keyof T & string)[]): T {
  const calls = methods.map((name): [string, Call] => {
    const call = (store[name] as Call).bind(store);
    return [name, (...args) => inSpan(name, () => call(...args))];
  });
  return Object.assign(Object.create(store) as T, Object.fromEntries(calls));
}

function inSpan<R>(name: string, call: () => Promise<R>): Promise<R> {
  return tracer.startActiveSpan(`marconi.storage.${name}`, async (span) => {
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
