import type { Reason } from '../../src/errors/reasons.js';
import type { MarconiError } from '../../src/errors/marconi-error.js';

/** The refusals of the REST door: status and title as later releases of the original had them (spec rest-v1 1.6). */
const PROBLEMS = {
  invalidRequest: { status: 400, title: 'Invalid API request' },
  invalidBody: { status: 400, title: 'Invalid request body' },
  invalidQueue: { status: 400, title: 'Invalid queue identification' },
  emptyProject: { status: 400, title: 'Empty project header not allowed' },
  missingHeader: { status: 400, title: 'Missing header' },
  invalidHeader: { status: 400, title: 'Invalid header value' },
  invalidContentType: { status: 400, title: 'Invalid Content-Type' },
  invalidParameter: { status: 400, title: 'Invalid query parameter' },
  deleteRefused: { status: 400, title: 'Unable to delete' },
  deleteForbidden: { status: 403, title: 'Unable to delete' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  forbidden: { status: 403, title: 'Not permitted' },
  notFound: { status: 404, title: 'Not found' },
  notAcceptable: { status: 406, title: 'Media type not acceptable' },
  keyReused: { status: 422, title: 'Idempotency key reused' },
  internal: { status: 500, title: 'Internal server error' },
  unavailable: { status: 503, title: 'Service temporarily unavailable' },
} as const;

/** A kind of refusal. */
export type ProblemKind = keyof typeof PROBLEMS;

const BY_REASON: Readonly<Record<Reason, ProblemKind>> = {
  INVALID_REQUEST: 'invalidRequest',
  INVALID_PROJECT: 'invalidQueue',
  INVALID_QUEUE_NAME: 'invalidQueue',
  INVALID_BODY: 'invalidBody',
  QUEUE_NOT_FOUND: 'notFound',
  MESSAGE_NOT_FOUND: 'notFound',
  CLAIM_NOT_FOUND: 'notFound',
  MESSAGE_CLAIMED: 'deleteForbidden',
  CLAIM_LOST: 'deleteRefused',
  OVERLOADED: 'unavailable',
  STORAGE_FULL: 'unavailable',
  STORAGE_UNAVAILABLE: 'unavailable',
  DRAINING: 'unavailable',
  DEADLINE_EXCEEDED: 'unavailable',
  UNAUTHENTICATED: 'unauthenticated',
  PERMISSION_DENIED: 'forbidden',
  INTERNAL: 'internal',
  CANCELLED: 'unavailable',
  PRODUCER_KEY_REUSED: 'keyReused',
};

/** Seconds named in Retry-After when the core gives no hint, as in the original. */
const RETRY_SECONDS = 30;

/** How a problem came to be. */
export interface ProblemOrigin {
  /** The reason, for metrics; that of the door's own checks is INVALID_REQUEST. */
  readonly reason?: Reason;
  /** Milliseconds after which to try again. */
  readonly retryAfterMs?: number | undefined;
  /** For the log, never sent. */
  readonly cause?: unknown;
}

/** A refusal on its way to the error document. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly reason: Reason;
  /** Whole seconds for Retry-After; only with 503. */
  readonly retryAfter: number | undefined;

  constructor(kind: ProblemKind, description: string, origin: ProblemOrigin = {}) {
    super(description, { cause: origin.cause });
    ({ status: this.status, title: this.title } = PROBLEMS[kind]);
    this.reason = origin.reason ?? 'INVALID_REQUEST';
    if (kind !== 'unavailable') return;
    this.retryAfter =
      origin.retryAfterMs === undefined ? RETRY_SECONDS : Math.max(1, Math.ceil(origin.retryAfterMs / 1000));
    this.message = `${description} Please try again in ${this.retryAfter} seconds.`;
  }

  /** The refusal that an error of the core comes to. Its status is that of the reason's row in the error table; a unit test keeps both equal. */
  static of(error: MarconiError): Problem {
    const { reason, retryAfterMs, cause } = error;
    return new Problem(BY_REASON[reason], error.message, { reason, retryAfterMs, cause });
  }
}
