import { REASONS, type Reason, type ReasonRow } from './reasons.js';

/** One field of a request that is wrong: its path as in the contract, and what was expected and what came. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** What an error may carry beside its reason and text. */
export interface ErrorDetails {
  /** The fields that are wrong. */
  readonly violations?: readonly FieldViolation[];
  /** Facts for programs, all text; sent to the caller. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds after which to try again. */
  readonly retryAfterMs?: number;
  /** What caused it: for the log, never sent. */
  readonly cause?: unknown;
}

/** The one error of Marconi: a reason of the closed table, a text for people, and details. Never extended. */
export class MarconiError extends Error {
  override readonly name = 'MarconiError';
  readonly violations: readonly FieldViolation[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly reason: Reason,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.violations = details.violations ?? [];
    this.metadata = details.metadata ?? {};
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The reason's row: its status on each door. */
  get row(): ReasonRow {
    return REASONS[this.reason];
  }

  /** A field of the request is wrong. */
  static invalidField(field: string, description: string): MarconiError {
    return new MarconiError('INVALID_REQUEST', `${field}: ${description}`, { violations: [{ field, description }] });
  }

  /** The only way in for what was thrown by others: a MarconiError as it is, all else as INTERNAL with its cause. */
  static from(thrown: unknown): MarconiError {
    if (thrown instanceof MarconiError) return thrown;
    return new MarconiError('INTERNAL', 'An internal error occurred.', { cause: thrown });
  }
}
