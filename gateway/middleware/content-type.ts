import type { IncomingMessage } from 'node:http';
import { Problem } from '../http/problem.js';

/** True when the request carries a body; of a chunked one nobody knows before it is read. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** A body that says it is a form is 400; no other type is looked at (spec rest-v1 1.2). */
export function checkContentType(request: IncomingMessage): void {
  const type = request.headers['content-type'];
  if (type?.toLowerCase() !== 'application/x-www-form-urlencoded' || !hasBody(request)) return;
  throw new Problem('invalidContentType', 'Send JSON; a form is not accepted.');
}
