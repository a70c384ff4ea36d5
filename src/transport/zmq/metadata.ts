import type { CallMetadata } from '../../tenancy/scope.js';
import type { Envelope } from '../../gen/marconi/v1/envelope.js';

const NONE: readonly (string | Uint8Array)[] = [];

/** The metadata of an envelope as gRPC's: text, but for names that end in `-bin`. */
export class EnvelopeMetadata implements CallMetadata {
  constructor(private readonly values: Envelope['metadata']) {}

  get(key: string): readonly (string | Uint8Array)[] {
    // The names are the client's: what objects have by nature is none of them.
    const value = Object.hasOwn(this.values, key) ? this.values[key] : undefined;
    if (value === undefined) return NONE;
    return [key.endsWith('-bin') ? value : value.toString('utf8')];
  }

  /** Names and values together. */
  get bytes(): number {
    return Object.entries(this.values).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
  }
}
