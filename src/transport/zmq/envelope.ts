import { MarconiError } from '../../errors/marconi-error.js';
import { Status } from '../../gen/google/rpc/status.js';
import { Envelope, EnvelopeKind } from '../../gen/marconi/v1/envelope.js';
import { asBuffer } from '../encode.js';
import { rpcStatus } from '../status.js';
import { MAX_CORRELATION_BYTES, MAX_METADATA_BYTES, PROTOCOL_VERSION } from './limits.js';
import { EnvelopeMetadata } from './metadata.js';

/** An envelope that was let in. */
export interface Incoming {
  readonly envelope: Envelope;
  readonly metadata: EnvelopeMetadata;
}

const NO_BYTES = Buffer.alloc(0);

/** Reads one frame. Throws INVALID_REQUEST when it is no envelope of this protocol. */
export function readEnvelope(frame: Uint8Array): Incoming {
  const envelope = decode(frame);
  const { version, correlationId } = envelope;
  if (version !== PROTOCOL_VERSION) {
    throw MarconiError.invalidField('version', `expected ${PROTOCOL_VERSION}; came ${version}`);
  }
  if (correlationId.length > MAX_CORRELATION_BYTES) {
    const description = `expected at most ${MAX_CORRELATION_BYTES} bytes; came ${correlationId.length}`;
    throw MarconiError.invalidField('correlation_id', description);
  }
  const metadata = new EnvelopeMetadata(envelope.metadata);
  if (metadata.bytes > MAX_METADATA_BYTES) {
    throw MarconiError.invalidField('metadata', `expected at most ${MAX_METADATA_BYTES} bytes; came ${metadata.bytes}`);
  }
  return { envelope, metadata };
}

function decode(frame: Uint8Array): Envelope {
  try {
    return Envelope.decode(frame);
  } catch {
    throw MarconiError.invalidField('envelope', 'expected a marconi.v1.Envelope; the bytes are not one');
  }
}

/** A message of the contract, as the generated code knows it. */
interface Codec<T> {
  decode(input: Uint8Array): T;
}

/** Reads the payload of an envelope. Throws INVALID_REQUEST. */
export function readPayload<T>(codec: Codec<T>, name: string, payload: Uint8Array): T {
  try {
    return codec.decode(payload);
  } catch {
    throw MarconiError.invalidField('payload', `expected a marconi.v1.${name}; the bytes are not one`);
  }
}

/** An answer as a frame. */
export function answerFrame(kind: EnvelopeKind, correlationId: Buffer, payload: Uint8Array, status = 0): Uint8Array {
  return Envelope.encode({
    version: PROTOCOL_VERSION,
    kind,
    method: '',
    status,
    correlationId,
    deadlineMs: 0,
    metadata: {},
    session: NO_BYTES,
    sequence: 0n,
    payload: asBuffer(payload),
  }).finish();
}

/** A failure as a frame: the same `google.rpc.Status` that gRPC sends. */
export function errorFrame(
  correlationId: Buffer,
  error: MarconiError,
  facts: Readonly<Record<string, string>> = {},
): Uint8Array {
  return statusFrame(correlationId, rpcStatus(error, facts));
}

/** gRPC's code for a method that is not there; it has no reason, on no door. */
const UNIMPLEMENTED = 12;

/** What the call of a method that is not there is answered. */
export function unimplementedFrame(correlationId: Buffer): Uint8Array {
  return statusFrame(correlationId, { code: UNIMPLEMENTED, message: 'The method is not known here.', details: [] });
}

function statusFrame(correlationId: Buffer, status: Status): Uint8Array {
  const payload = Status.encode(status).finish();
  return answerFrame(EnvelopeKind.ENVELOPE_KIND_ERROR, correlationId, payload, status.code);
}
