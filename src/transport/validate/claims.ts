import { LEAST_SECONDS, MAX_WAIT_MS, type Limits } from '../../config/limits.js';
import type { ClaimRequest } from '../../engine/api.js';
import type { Duration } from '../../gen/google/protobuf/duration.js';
import type { CreateClaimRequest, UpdateClaimRequest } from '../../gen/marconi/v1/claims.js';
import { checkSeconds, readLimit } from './common.js';
import { Violations } from './violations.js';

/** Checks a request for a claim. Throws INVALID_REQUEST with all violations. */
export function readClaimRequest(request: CreateClaimRequest, limits: Limits): ClaimRequest {
  const violations = new Violations();
  const { ttlSeconds: ttl, graceSeconds: grace } = request;
  checkSeconds('ttl_seconds', ttl, [LEAST_SECONDS, limits.maxClaimTtl], violations);
  checkSeconds('grace_seconds', grace, [LEAST_SECONDS, limits.maxClaimGrace], violations);
  const limit = readLimit(request.limit, limits.maxMessagesPerClaim, violations);
  const waitMs = readWait(request.wait, violations);
  violations.check();
  return { ttl, grace, limit, waitMs };
}

/** The new spans of a claim. */
export interface Renewal {
  readonly ttl: number;
  readonly grace: number;
}

/** Checks a renewal; grace may be 0, as renewing need not lengthen (semantics section 5). Throws INVALID_REQUEST. */
export function readRenewal(request: Pick<UpdateClaimRequest, 'ttlSeconds' | 'graceSeconds'>, limits: Limits): Renewal {
  const violations = new Violations();
  const { ttlSeconds: ttl, graceSeconds: grace = 0 } = request;
  checkSeconds('ttl_seconds', ttl, [LEAST_SECONDS, limits.maxClaimTtl], violations);
  checkSeconds('grace_seconds', grace, [0, limits.maxClaimGrace], violations);
  violations.check();
  return { ttl, grace };
}

/** Milliseconds, rounded up so that no wait is cut short. */
function readWait(wait: Duration | undefined, violations: Violations): number {
  if (wait === undefined) return 0;
  const { seconds, nanos } = wait;
  const sane = nanos >= 0 && nanos < 1e9 && seconds >= 0n && seconds <= BigInt(MAX_WAIT_MS / 1000);
  const ms = sane ? Number(seconds) * 1000 + Math.ceil(nanos / 1e6) : Infinity;
  if (ms > MAX_WAIT_MS) {
    violations.add('wait', `expected 0 to ${MAX_WAIT_MS / 1000} seconds; came ${seconds} s and ${nanos} ns`);
    return 0;
  }
  return ms;
}
