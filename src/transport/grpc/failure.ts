import { randomUUID } from 'node:crypto';
import type { Metadata, StatusObject } from '@grpc/grpc-js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { Logger } from '../../telemetry/log.js';
import type { DispatchRow } from '../dispatch.js';
import { toStatus } from './errors.js';
import { OVERLOAD_RETRY_MS } from './limits.js';

/** The refusal of a call that there is no room for. */
export function overloaded(row: DispatchRow): MarconiError {
  return new MarconiError('OVERLOADED', 'Too many calls are under way; try again later.', {
    retryAfterMs: OVERLOAD_RETRY_MS,
    metadata: { limit_class: row.limitClass },
  });
}

/**
 * The status of a call that failed. A fault of the server is logged with its cause; the caller gets the request id that
 * leads there.
 */
export function statusOf(log: Logger, row: DispatchRow, error: MarconiError, metadata: Metadata): StatusObject {
  if (error.reason !== 'INTERNAL') return toStatus(error);
  const requestId = requestIdOf(metadata);
  log.error({ requestId, method: row.name, err: error.cause ?? error }, 'call failed');
  return toStatus(error, { request_id: requestId });
}

/** The id that the caller gave (a gateway gives its own on), when it is one that a log can hold; else a new one. */
function requestIdOf(metadata: Metadata): string {
  const given = metadata.get('x-request-id')[0];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}
