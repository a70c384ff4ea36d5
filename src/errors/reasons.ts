/**
 * The closed table of reasons for which a call fails: reason → gRPC status → HTTP status. Over ZeroMQ an error is an
 * envelope whose `status` is the gRPC one, and whose payload is the `google.rpc.Status` that gRPC sends.
 * The reasons are those of `proto/marconi/v1/errors.proto`; a unit test keeps both equal.
 */

/** gRPC status codes used here, by their numbers in the gRPC specification. */
export const GrpcCode = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** What one reason means on each door. */
export interface ReasonRow {
  /** gRPC status code. */
  readonly grpc: number;
  /** HTTP status code. */
  readonly http: number;
  /** True when the same call may succeed later without a change. */
  readonly retryable: boolean;
}

/** One row per reason. */
export const REASONS = {
  INVALID_REQUEST: { grpc: GrpcCode.INVALID_ARGUMENT, http: 400, retryable: false },
  INVALID_PROJECT: { grpc: GrpcCode.INVALID_ARGUMENT, http: 400, retryable: false },
  INVALID_QUEUE_NAME: { grpc: GrpcCode.INVALID_ARGUMENT, http: 400, retryable: false },
  INVALID_BODY: { grpc: GrpcCode.INVALID_ARGUMENT, http: 400, retryable: false },
  QUEUE_NOT_FOUND: { grpc: GrpcCode.NOT_FOUND, http: 404, retryable: false },
  MESSAGE_NOT_FOUND: { grpc: GrpcCode.NOT_FOUND, http: 404, retryable: false },
  CLAIM_NOT_FOUND: { grpc: GrpcCode.NOT_FOUND, http: 404, retryable: false },
  MESSAGE_CLAIMED: { grpc: GrpcCode.PERMISSION_DENIED, http: 403, retryable: false },
  CLAIM_LOST: { grpc: GrpcCode.FAILED_PRECONDITION, http: 400, retryable: false },
  OVERLOADED: { grpc: GrpcCode.RESOURCE_EXHAUSTED, http: 503, retryable: true },
  STORAGE_FULL: { grpc: GrpcCode.RESOURCE_EXHAUSTED, http: 503, retryable: true },
  STORAGE_UNAVAILABLE: { grpc: GrpcCode.UNAVAILABLE, http: 503, retryable: true },
  DRAINING: { grpc: GrpcCode.UNAVAILABLE, http: 503, retryable: true },
  DEADLINE_EXCEEDED: { grpc: GrpcCode.DEADLINE_EXCEEDED, http: 503, retryable: true },
  UNAUTHENTICATED: { grpc: GrpcCode.UNAUTHENTICATED, http: 401, retryable: false },
  PERMISSION_DENIED: { grpc: GrpcCode.PERMISSION_DENIED, http: 403, retryable: false },
  INTERNAL: { grpc: GrpcCode.INTERNAL, http: 500, retryable: false },
  CANCELLED: { grpc: GrpcCode.CANCELLED, http: 503, retryable: true },
  PRODUCER_KEY_REUSED: { grpc: GrpcCode.FAILED_PRECONDITION, http: 422, retryable: false },
} as const satisfies Record<string, ReasonRow>;

/** A stable reason code, UPPER_SNAKE. */
export type Reason = keyof typeof REASONS;
