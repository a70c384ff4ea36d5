import { isQueueName } from '../../src/domain/queue-name.js';
import type { Exchange } from '../http/exchange.js';
import { Problem } from '../http/problem.js';

/** Answers 400 when the queue name in the path is ill-formed, before anything is looked up (spec rest-v1 1.1). */
export function checkQueueName(exchange: Exchange): void {
  if (isQueueName(exchange.params['queue_name'] ?? '')) return;
  const description = 'A queue name has 1 to 64 characters of A-Z a-z 0-9 _ - and the full stop.';
  throw new Problem('invalidQueue', description, { reason: 'INVALID_QUEUE_NAME' });
}
