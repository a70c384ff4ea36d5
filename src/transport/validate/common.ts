import { DEFAULT_PAGE } from '../../config/limits.js';
import { parseClientId, type ClientId } from '../../domain/client-id.js';
import { isQueueName } from '../../domain/queue-name.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { CallMetadata } from '../../tenancy/scope.js';
import type { Violations } from './violations.js';
import { shown } from './violations.js';

/** The metadata that names the poster. */
export const CLIENT_ID_KEY = 'client-id';

/** Throws INVALID_QUEUE_NAME (spec rest-v1 1.1). Comes before everything else in a request. */
export function checkQueueName(queue: string): void {
  if (isQueueName(queue)) return;
  const description = `expected 1 to 64 characters of A-Z a-z 0-9 _ - and the full stop; came ${shown(queue)}`;
  throw new MarconiError('INVALID_QUEUE_NAME', `queue: ${description}`, {
    violations: [{ field: 'queue', description }],
  });
}

/** A page size: 1 to `most`; absent: 10, or `most` where that is less (semantics section 10). */
export function readLimit(limit: number | undefined, most: number, violations: Violations): number {
  if (limit === undefined) return Math.min(DEFAULT_PAGE, most);
  if (limit < 1 || limit > most) violations.add('limit', `expected 1 to ${most}; came ${limit}`);
  return limit;
}

/** A span in whole seconds. */
export function checkSeconds(field: string, value: number, range: readonly [number, number], into: Violations): void {
  const [least, most] = range;
  if (value < least || value > most) into.add(field, `expected ${least} to ${most} seconds; came ${value}`);
}

/** Throws INVALID_REQUEST unless there are 1 to `most` ids. An ill-formed id is an unknown one, not an error. */
export function checkIds(ids: readonly string[], most: number): void {
  if (ids.length >= 1 && ids.length <= most) return;
  throw MarconiError.invalidField('ids', `expected 1 to ${most} ids; came ${ids.length}`);
}

/** The caller's client id; null when it gives none. Throws INVALID_REQUEST when it is no UUID or given twice over. */
export function readClientId(metadata: CallMetadata): ClientId | null {
  const values = metadata.get(CLIENT_ID_KEY);
  if (values.length === 0) return null;
  const parsed = values.map((value) => (typeof value === 'string' ? parseClientId(value) : null));
  const first = parsed[0];
  if (first && parsed.every((id) => id === first)) return first;
  throw MarconiError.invalidField(CLIENT_ID_KEY, `expected one UUID; came ${shown(values.join(', '))}`);
}
