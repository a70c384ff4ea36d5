import { MarconiError } from '../errors/marconi-error.js';

/** When to try again after a refusal for want of room. */
const FULL_RETRY_AFTER_MS = 5_000;

/** The store has no room for what the call would add. */
export function storageFull(): MarconiError {
  return new MarconiError('STORAGE_FULL', 'The storage has no room for more messages; claiming and deleting works.', {
    retryAfterMs: FULL_RETRY_AFTER_MS,
  });
}

/** There is no queue of that name in the project. */
export function queueNotFound(queue: string): MarconiError {
  return new MarconiError('QUEUE_NOT_FOUND', `The queue "${queue}" does not exist.`, { metadata: { queue } });
}

/** There is no message with that id in the queue. */
export function messageNotFound(id: string): MarconiError {
  return new MarconiError('MESSAGE_NOT_FOUND', `The message "${id}" does not exist.`, { metadata: { message: id } });
}
