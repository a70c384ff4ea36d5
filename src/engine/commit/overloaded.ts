import { MarconiError } from '../../errors/marconi-error.js';
import type { Refusal } from './room.js';

/** When to try again after a refusal for load. */
const RETRY_AFTER_MS = 1_000;

const TEXTS: Readonly<Record<Refusal, string>> = {
  queue: 'The queue has more work waiting than the node takes in for it; try again in a second.',
  node: 'The node has more work waiting than it takes in; try again in a second.',
};

/** The refusal of a step for which there is no room. `bound` tells programs whether other queues fare better. */
export function overloaded(bound: Refusal): MarconiError {
  return new MarconiError('OVERLOADED', TEXTS[bound], { retryAfterMs: RETRY_AFTER_MS, metadata: { bound } });
}
