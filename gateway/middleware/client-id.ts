import { parseClientId } from '../../src/domain/client-id.js';
import type { Exchange } from '../http/exchange.js';
import { Problem } from '../http/problem.js';

/** Reads Client-ID into the exchange; one that is no UUID is 400 on every route (spec rest-v1 1.2). */
export function readClientId(exchange: Exchange): void {
  const header = exchange.header('client-id');
  if (header === undefined) return;
  exchange.clientId = parseClientId(header);
  if (exchange.clientId === null) throw new Problem('invalidHeader', 'Client-ID must be a UUID.');
}

/** Answers 400 when the operation needs a Client-ID and none was sent. */
export function requireClientId(exchange: Exchange): void {
  if (exchange.clientId === null) throw new Problem('missingHeader', 'The header Client-ID is required; it is a UUID.');
}
