import { MarconiError } from '../../errors/marconi-error.js';

/** When to come again, elsewhere. */
const RETRY_AFTER_MS = 1_000;

/** The end of a stream whose node goes. */
export function draining(): MarconiError {
  return new MarconiError('DRAINING', 'The node is shutting down; come again, to another one.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
}
