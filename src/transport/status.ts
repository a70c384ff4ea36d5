import type { MarconiError } from '../errors/marconi-error.js';
import type { Any } from '../gen/google/protobuf/any.js';
import { BadRequest, ErrorInfo, RetryInfo } from '../gen/google/rpc/error_details.js';
import type { Status } from '../gen/google/rpc/status.js';
import { MAX_VIOLATIONS } from './validate/violations.js';
import { asBuffer } from './encode.js';

/** The domain of `google.rpc.ErrorInfo`. */
export const ERROR_DOMAIN = 'marconi';

/** Errors travel in headers: what came from a request is cut, so that the error itself always arrives. */
const MAX_TEXT = 512;

function cut(text: string): string {
  // A pair of surrogates cut in two cannot be sent.
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** An error as `google.rpc.Status`: code, text, and details ErrorInfo, BadRequest and RetryInfo where they apply. */
export function rpcStatus(error: MarconiError, facts: Readonly<Record<string, string>> = {}): Status {
  const details = [errorInfo(error, facts), ...badRequest(error), ...retryInfo(error)];
  return { code: error.row.grpc, message: cut(error.message), details };
}

function any(type: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/google.rpc.${type}`, value: asBuffer(value) };
}

function errorInfo(error: MarconiError, facts: Readonly<Record<string, string>>): Any {
  const entries = Object.entries({ ...error.metadata, ...facts }).map(([key, value]) => [key, cut(value)]);
  const metadata = Object.fromEntries(entries) as Record<string, string>;
  return any('ErrorInfo', ErrorInfo.encode({ reason: error.reason, domain: ERROR_DOMAIN, metadata }).finish());
}

function badRequest(error: MarconiError): Any[] {
  if (error.violations.length === 0) return [];
  const fieldViolations = error.violations.slice(0, MAX_VIOLATIONS).map(({ field, description }) => ({
    field,
    description: cut(description),
    reason: '',
    localizedMessage: undefined,
  }));
  return [any('BadRequest', BadRequest.encode({ fieldViolations }).finish())];
}

function retryInfo({ retryAfterMs }: MarconiError): Any[] {
  if (retryAfterMs === undefined) return [];
  const retryDelay = { seconds: BigInt(Math.floor(retryAfterMs / 1000)), nanos: (retryAfterMs % 1000) * 1e6 };
  return [any('RetryInfo', RetryInfo.encode({ retryDelay }).finish())];
}
