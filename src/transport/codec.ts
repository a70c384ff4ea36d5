import { MarconiError } from '../errors/marconi-error.js';
import type { DispatchRow } from './dispatch.js';

/** How a message of the contract becomes bytes, and back. */
export interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
}

/** The request in the bytes. Throws INVALID_REQUEST when they are none of the method. */
export function decodeRequest<T>(codec: Codec<T>, row: DispatchRow, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch {
    throw MarconiError.invalidField('request', `expected a ${row.request}; the bytes are not one`);
  }
}
