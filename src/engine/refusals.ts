import { MarconiError } from '../errors/marconi-error.js';

/** When to try again after a refusal for want of room. */
const FULL_RETRY_AFTER_MS = 5_000;

/** The store has no room for what the call would add. */
export function storageFull(): MarconiError {
  return new MarconiError('STORAGE_FULL', 'The storage has no room for more messages; claiming and deleting works.', {
    retryAfterMs: FULL_RETRY_AFTER_MS,
  });
}
