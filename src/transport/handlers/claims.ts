import type { Limits } from '../../config/limits.js';
import type { Engine } from '../../engine/api.js';
import { encodeAcknowledgements, encodeClaim, encodeMillis } from '../encode.js';
import { readClaimRequest, readRenewal } from '../validate/claims.js';
import { checkIds, checkQueueName } from '../validate/common.js';
import type { ServiceHandlers } from './handler.js';

export function claimHandlers({ claims }: Engine, limits: Limits): ServiceHandlers<'ClaimService'> {
  return {
    'marconi.v1.ClaimService/CreateClaim': async (context, request) => {
      checkQueueName(request.queue);
      const { value, now } = await claims.create(context, request.queue, readClaimRequest(request, limits));
      return { claim: value === null ? undefined : encodeClaim(value, now) };
    },
    'marconi.v1.ClaimService/GetClaim': async (context, { queue, claimId }) => {
      checkQueueName(queue);
      const { value, omitted, now } = await claims.get(context, queue, claimId);
      return { claim: encodeClaim(value, now), omittedIds: [...omitted] };
    },
    'marconi.v1.ClaimService/UpdateClaim': async (context, request) => {
      checkQueueName(request.queue);
      const { ttl, grace } = readRenewal(request, limits);
      const { ends } = await claims.renew(context, request.queue, request.claimId, ttl, grace);
      return { endsAt: encodeMillis(ends) };
    },
    'marconi.v1.ClaimService/ReleaseClaim': async (context, { queue, claimId }) => {
      checkQueueName(queue);
      return claims.release(context, queue, claimId);
    },
    'marconi.v1.ClaimService/AcknowledgeMessages': async (context, { queue, claimId, ids }) => {
      checkQueueName(queue);
      checkIds(ids, limits.maxMessagesPerClaim);
      const outcomes = await claims.acknowledge(context, queue, claimId, ids);
      return { acknowledgements: encodeAcknowledgements(ids, outcomes) };
    },
  };
}
