import type { Limits } from '../../config/limits.js';
import type { Consumer } from '../../engine/api.js';
import type { MarconiError } from '../../errors/marconi-error.js';
import type { ConsumeRequest, ConsumeResponse } from '../../gen/marconi/v1/delivery.js';
import { encodeAcknowledgements, encodeMillis } from '../encode.js';
import { readRenewal } from '../validate/claims.js';
import { checkIds } from '../validate/common.js';

/** A request about a claim: each has an answer of its own. */
export type ConsumeCommand = Extract<
  NonNullable<ConsumeRequest['request']>,
  { readonly $case: 'acknowledge' | 'release' | 'extend' }
>;

/** Does what a request asks. Rejects with MarconiError. */
export async function answerTo(consumer: Consumer, command: ConsumeCommand, limits: Limits): Promise<ConsumeResponse> {
  switch (command.$case) {
    case 'acknowledge': {
      const { claimId, ids, requestId } = command.value;
      checkIds(ids, limits.maxMessagesPerClaim);
      const acknowledgements = encodeAcknowledgements(ids, await consumer.acknowledge(claimId, ids));
      return { event: { $case: 'acknowledged', value: { requestId, claimId, acknowledgements } } };
    }
    case 'release': {
      const { claimId, requestId } = command.value;
      const { released } = await consumer.release(claimId);
      return { event: { $case: 'released', value: { requestId, claimId, released } } };
    }
    case 'extend': {
      const { claimId, requestId } = command.value;
      const { ttl, grace } = readRenewal(command.value, limits);
      const { ends } = await consumer.renew(claimId, ttl, grace);
      return { event: { $case: 'extended', value: { requestId, claimId, endsAt: encodeMillis(ends) } } };
    }
  }
}

/** The answer to a request that failed. */
export function failureOf({ value }: ConsumeCommand, { reason, message }: MarconiError): ConsumeResponse {
  const { requestId, claimId } = value;
  return { event: { $case: 'failed', value: { requestId, claimId, reason, message } } };
}
