import { BadRequest, ErrorInfo, RetryInfo } from '../../src/gen/google/rpc/error_details.js';
import type { Status } from '../../src/gen/google/rpc/status.js';

/** An error as the contract describes it, whatever the door. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly domain: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly descriptions: readonly string[];
  readonly retryMs: number | null;
}

/** Decodes the details of a status. */
export function rpcRefusalOf({ code, message, details }: Status): Refusal {
  const detail = (type: string) => details.find(({ typeUrl }) => typeUrl.endsWith(`google.rpc.${type}`))?.value;
  const info = ErrorInfo.decode(detail('ErrorInfo') ?? new Uint8Array());
  const bad = BadRequest.decode(detail('BadRequest') ?? new Uint8Array());
  const retry = detail('RetryInfo');
  const delay = retry === undefined ? undefined : RetryInfo.decode(retry).retryDelay;
  return {
    code,
    message,
    reason: info.reason,
    domain: info.domain,
    facts: info.metadata,
    fields: bad.fieldViolations.map(({ field }) => field),
    descriptions: bad.fieldViolations.map(({ description }) => description),
    retryMs: delay === undefined ? null : Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  };
}
