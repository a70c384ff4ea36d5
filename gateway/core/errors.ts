import { status, type ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../src/gen/google/rpc/error_details.js';
import { Status } from '../../src/gen/google/rpc/status.js';
import { MarconiError, type ErrorDetails } from '../../src/errors/marconi-error.js';
import { REASONS, type Reason } from '../../src/errors/reasons.js';

/** What a status without details means: it came from the transport, not from the core's rules. */
const BY_CODE: Readonly<Record<number, readonly [Reason, string]>> = {
  [status.CANCELLED]: ['CANCELLED', 'The request was given up.'],
  [status.DEADLINE_EXCEEDED]: ['DEADLINE_EXCEEDED', 'The answer took too long.'],
  [status.RESOURCE_EXHAUSTED]: ['OVERLOADED', 'The service is busy.'],
  [status.UNAVAILABLE]: ['STORAGE_UNAVAILABLE', 'The service cannot be reached.'],
  [status.UNAUTHENTICATED]: ['UNAUTHENTICATED', 'The credential was not accepted.'],
  [status.PERMISSION_DENIED]: ['PERMISSION_DENIED', 'The credential does not permit this.'],
};

/**
 * The error that the core meant: reason, violations and retry hint from `grpc-status-details-bin`, or, where a call did
 * not get as far as the core's rules, the reason that its status comes to.
 */
export function decodeError(error: ServiceError): MarconiError {
  const [packed] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (Buffer.isBuffer(packed)) {
    const decoded = decodeDetails(packed, error);
    if (decoded !== null) return decoded;
  }
  const [reason, text] = BY_CODE[error.code] ?? ['INTERNAL', 'An internal error occurred.'];
  return new MarconiError(reason, text, { cause: error });
}

function decodeDetails(packed: Buffer, cause: ServiceError): MarconiError | null {
  let reason: Reason | undefined;
  let details: ErrorDetails = { cause };
  const decoded = Status.decode(packed);
  for (const { typeUrl, value } of decoded.details) {
    switch (typeUrl.slice(typeUrl.lastIndexOf('/') + 1)) {
      case 'google.rpc.ErrorInfo': {
        const info = ErrorInfo.decode(value);
        reason = asReason(info.reason);
        details = { ...details, metadata: info.metadata };
        break;
      }
      case 'google.rpc.BadRequest':
        details = { ...details, violations: BadRequest.decode(value).fieldViolations };
        break;
      case 'google.rpc.RetryInfo':
        details = { ...details, ...retryHint(RetryInfo.decode(value)) };
        break;
    }
  }
  return reason === undefined ? null : new MarconiError(reason, decoded.message, details);
}

function asReason(text: string): Reason | undefined {
  return Object.hasOwn(REASONS, text) ? (text as Reason) : undefined;
}

function retryHint({ retryDelay }: RetryInfo): ErrorDetails {
  if (retryDelay === undefined) return {};
  return { retryAfterMs: Number(retryDelay.seconds) * 1000 + retryDelay.nanos / 1e6 };
}
