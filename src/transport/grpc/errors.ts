import { Metadata, type StatusObject } from '@grpc/grpc-js';
import type { MarconiError } from '../../errors/marconi-error.js';
import { Status } from '../../gen/google/rpc/status.js';
import { asBuffer } from '../encode.js';
import { rpcStatus } from '../status.js';

/** Trailer with the milliseconds to wait, for clients that do not read details. */
export const RETRY_AFTER_KEY = 'marconi-retry-after-ms';

const DETAILS_KEY = 'grpc-status-details-bin';

/** An error as gRPC shows it: status and text, and all of `google.rpc.Status` in a trailer. */
export function toStatus(error: MarconiError, facts: Readonly<Record<string, string>> = {}): StatusObject {
  const rpc = rpcStatus(error, facts);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, asBuffer(Status.encode(rpc).finish()));
  if (error.retryAfterMs !== undefined) metadata.set(RETRY_AFTER_KEY, String(error.retryAfterMs));
  return { code: rpc.code, details: rpc.message, metadata };
}
