import type { Limits } from '../../config/limits.js';
import type { QueuePage } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import { checkJson } from '../../json/check.js';
import type { ListQueuesRequest } from '../../gen/marconi/v1/queues.js';
import { readLimit } from './common.js';
import { shown, Violations } from './violations.js';

/** Throws INVALID_REQUEST. */
export function readQueuePage(request: ListQueuesRequest, limits: Limits): QueuePage {
  const violations = new Violations();
  const limit = readLimit(request.limit, limits.maxQueuesPerPage, violations);
  violations.check();
  return { after: request.marker, limit };
}

/**
 * Checks a queue's metadata: one JSON object in UTF-8, integers within 64 bits, within the size, no key at its top that
 * begins with "_" (reserved; semantics section 10). Throws INVALID_REQUEST.
 */
export function checkMetadata(metadata: Uint8Array, limits: Limits): void {
  if (metadata.length > limits.maxQueueMetadata) {
    throw wrong(`expected at most ${limits.maxQueueMetadata} bytes; came ${metadata.length}`);
  }
  const fault = checkJson(metadata, limits.maxJsonDepth);
  if (fault !== null) throw wrong(`expected a JSON object. ${fault.description}`);
  const value: unknown = JSON.parse(new TextDecoder().decode(metadata));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(`expected a JSON object; came ${describe(value)}`);
  }
  const reserved = Object.keys(value).find((key) => key.startsWith('_'));
  if (reserved !== undefined) throw wrong(`expected no key that begins with "_"; came ${shown(reserved)}`);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function wrong(description: string): MarconiError {
  return MarconiError.invalidField('metadata', description);
}
