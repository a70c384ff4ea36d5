import { MarconiError } from '../../../../errors/marconi-error.js';
import type { Reason } from '../../../../errors/reasons.js';
import type { FileOptions } from '../options.js';
import type { Role } from './services.js';

/** What a thread is started with. */
export interface ThreadData {
  readonly role: Role;
  readonly options: FileOptions;
}

/** One call of a method. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An error on its way between threads. */
export interface SentError {
  readonly reason: Reason;
  readonly message: string;
  readonly retryAfterMs: number | null;
  readonly cause: string;
}

/** What came of a call. */
export type Reply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: SentError };

/** What a thread says: it is open, it could not open, or what came of calls. */
export type FromThread =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly error: SentError }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] };

/** What a thread is told: to serve calls, all that were made in one turn of the event loop, or to close. */
export type ToThread = { readonly kind: 'calls'; readonly calls: readonly Call[] } | { readonly kind: 'close' };

/** Readies an error for sending. */
export function sendError(thrown: unknown): SentError {
  const error = MarconiError.from(thrown);
  const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : '';
  return { reason: error.reason, message: error.message, retryAfterMs: error.retryAfterMs ?? null, cause };
}

/** The error as it was before it was sent; its cause as text, for the log. */
export function receiveError({ reason, message, retryAfterMs, cause }: SentError): MarconiError {
  return new MarconiError(reason, message, {
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(cause === '' ? {} : { cause: new Error(cause) }),
  });
}
