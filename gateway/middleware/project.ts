import { isUtf8 } from 'node:buffer';
import { MAX_PROJECT_LENGTH } from '../../src/domain/principal.js';
import type { Exchange } from '../http/exchange.js';
import { Problem } from '../http/problem.js';

/**
 * Reads X-Project-Id into the exchange. Absent: the global project. Empty: 400 on every route. More than one, and they
 * differ: 400. Headers arrive as bytes: UTF-8 where they are, Latin-1 otherwise, so that any id has a reading.
 */
export function readProject(exchange: Exchange): void {
  const header = exchange.header('x-project-id');
  if (header === undefined) return;
  if (header === '')
    throw new Problem('emptyProject', 'X-Project-Id must not be empty.', { reason: 'INVALID_PROJECT' });
  if (header.includes(', ')) refuseSeveral(exchange);
  exchange.project = decode(header);
}

/** The id, when it is short enough to be one; on routes without a queue a longer one is an empty project. */
export function projectIsTooLong(exchange: Exchange): boolean {
  const { project } = exchange;
  if (project === null || project.length <= MAX_PROJECT_LENGTH) return false;
  return [...project].length > MAX_PROJECT_LENGTH;
}

/** On routes with a queue name: 400 for more than 256 characters (spec rest-v1 1.2). */
export function checkProjectLength(exchange: Exchange): void {
  if (!projectIsTooLong(exchange)) return;
  const description = `X-Project-Id must have at most ${MAX_PROJECT_LENGTH} characters.`;
  throw new Problem('invalidQueue', description, { reason: 'INVALID_PROJECT' });
}

function refuseSeveral(exchange: Exchange): void {
  const values = exchange.request.headersDistinct['x-project-id'] ?? [];
  if (values.length < 2) return;
  throw new Problem('invalidHeader', 'X-Project-Id must be given once.', { reason: 'INVALID_PROJECT' });
}

function decode(header: string): string {
  if (/^[ -~]*$/.test(header)) return header;
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : header;
}
