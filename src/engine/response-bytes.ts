import type { CallContext } from './api.js';
import type { EngineSettings } from './deps.js';

/** Bytes of bodies that the answer to a call may hold, beyond one message. */
export function bytesOf(
  { maxBytes }: CallContext,
  { maxResponseBytes }: Pick<EngineSettings, 'maxResponseBytes'>,
): number {
  return Math.min(maxResponseBytes, maxBytes ?? maxResponseBytes);
}
