import { trace } from '@opentelemetry/api';
import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';

/** A structured logger: `log.info({ requestId }, 'text')`. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'> & {
  child(bindings: Readonly<Record<string, unknown>>): Logger;
};

/** The levels that `log.level` may name, most first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** Fields that carry credentials or what users send: never written, wherever they stand at these depths. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'body',
  'bodies',
  '["x-auth-token"]',
  '["idempotency-key"]',
];
const SECRET_PATHS = SECRET_FIELDS.flatMap((field) => {
  const member = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${member}`, `*.*${member}`];
});

/** The trace that a line was written in, so that logs and traces lead to each other. */
function traceFields(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId };
}

/** How a logger is made. */
export interface LogOptions {
  readonly level: (typeof LOG_LEVELS)[number];
  /** The part of Marconi that writes: `core`, `gateway`. */
  readonly part: string;
  /** Where lines go; standard error when absent, written synchronously so that the last words of a crash are kept. */
  readonly destination?: DestinationStream;
}

/** A logger of JSON lines with time, level, part and, inside a trace, its ids. Credentials and bodies are left out. */
export function createLogger(options: LogOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { part: options.part, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
      mixin: traceFields,
      serializers: { err: pino.stdSerializers.err },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
