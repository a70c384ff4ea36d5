import { LEAST_SECONDS, MAX_CLAIMS_PER_STREAM, STREAM_PORTION_BYTES, type Limits } from '../../config/limits.js';
import type { ConsumeOptions } from '../../engine/api.js';
import type { ConsumeStart } from '../../gen/marconi/v1/delivery.js';
import { checkSeconds } from './common.js';
import { Violations } from './violations.js';

/** Checks the start of a stream of claims. Throws INVALID_REQUEST with all violations. */
export function readConsumption(start: ConsumeStart, limits: Limits): ConsumeOptions {
  const violations = new Violations();
  const { ttlSeconds: ttl, graceSeconds: grace, maxMessages, releaseOnEnd } = start;
  const most = limits.maxMessagesPerClaim;
  checkSeconds('start.ttl_seconds', ttl, [LEAST_SECONDS, limits.maxClaimTtl], violations);
  checkSeconds('start.grace_seconds', grace, [LEAST_SECONDS, limits.maxClaimGrace], violations);
  const limit = maxMessages ?? most;
  if (limit < 1 || limit > most) violations.add('start.max_messages', `expected 1 to ${most}; came ${limit}`);
  violations.check();
  return {
    ttl,
    grace,
    limit,
    maxBytes: STREAM_PORTION_BYTES,
    largestMessage: limits.maxMessageSize,
    maxClaims: MAX_CLAIMS_PER_STREAM,
    releaseOnEnd,
  };
}
