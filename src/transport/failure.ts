import { randomUUID } from 'node:crypto';
import { MarconiError } from '../errors/marconi-error.js';
import type { Logger } from '../telemetry/log.js';
import type { CallMetadata } from '../tenancy/scope.js';
import type { DispatchRow } from './dispatch.js';
import { OVERLOAD_RETRY_MS } from './in-flight.js';

/** The refusal of a call that there is no room for. */
export function overloadedError(row: DispatchRow): MarconiError {
  return new MarconiError('OVERLOADED', 'Too many calls are under way; try again later.', {
    retryAfterMs: OVERLOAD_RETRY_MS,
    metadata: { limit_class: row.limitClass },
  });
}

/**
 * What the caller is told beside the error. A fault of the server is logged with its cause; the caller gets the request
 * id that leads there.
 */
export function failureFacts(
  log: Logger,
  row: DispatchRow,
  error: MarconiError,
  metadata: CallMetadata,
): Readonly<Record<string, string>> | undefined {
  if (error.reason !== 'INTERNAL') return undefined;
  const requestId = requestIdOf(metadata);
  log.error({ requestId, method: row.name, err: error.cause ?? error }, 'call failed');
  return { request_id: requestId };
}

/** The id that the caller gave (a gateway gives its own on), when it is one that a log can hold; else a new one. */
function requestIdOf(metadata: CallMetadata): string {
  const given = metadata.get('x-request-id')[0];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}
