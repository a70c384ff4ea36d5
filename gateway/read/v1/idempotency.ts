import { createHash } from 'node:crypto';
import type { Exchange } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';

/** The longest Idempotency-Key, in characters. */
const MAX_KEY_LENGTH = 255;

/** What a post is known by, so that its repeat stores nothing. */
export interface ProducerKey {
  readonly producerId: string;
  readonly producerSequence: bigint;
}

/**
 * Reads Idempotency-Key, an extension: 1 to 255 printable ASCII characters. A digest of it serves as producer id, whose
 * length is bounded whatever the key's; each key is a producer that posts once. Empty object without the header.
 */
export function readProducerKey(exchange: Exchange): ProducerKey | Record<string, never> {
  const key = exchange.header('idempotency-key');
  if (key === undefined) return {};
  if (key.length > MAX_KEY_LENGTH || !/^[ -~]+$/.test(key)) {
    throw new Problem('invalidHeader', `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} printable ASCII characters.`);
  }
  const digest = createHash('sha256').update(key).digest('base64url');
  return { producerId: `k-${digest}`, producerSequence: 0n };
}
