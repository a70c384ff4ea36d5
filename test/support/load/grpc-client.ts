import { status, type ServiceError } from '@grpc/grpc-js';
import { StorageState } from '../../../src/gen/marconi/v1/admin.js';
import { Acknowledgement_Outcome } from '../../../src/gen/marconi/v1/claims.js';
import type { Message } from '../../../src/gen/marconi/v1/messages.js';
import { call, connect, refusalOf } from '../grpc-client.js';
import type { Removal } from '../history/index.js';
import { DoorError, unlessNotFound, type DoorClient, type DoorMessage } from './door-client.js';

/** Seconds that posted messages live: longer than any test. */
export const TTL = 86_400;

const REMOVALS: Partial<Record<Acknowledgement_Outcome, Removal>> = {
  [Acknowledgement_Outcome.OUTCOME_ACKNOWLEDGED]: 'removed',
  [Acknowledgement_Outcome.OUTCOME_ALREADY_GONE]: 'absent',
  [Acknowledgement_Outcome.OUTCOME_CLAIM_LOST]: 'refused',
};

/** A client of the gRPC door at an address; its calls end after 30 s. */
export function grpcClient(address: string, clientId = '6f0f1d0f8e0f4a7c9a55000000000001'): DoorClient {
  const { queues, messages, claims, admin, close } = connect(address);
  const options = { clientId, timeoutMs: 30_000 };
  const told = async <R>(answer: Promise<R>): Promise<R> => {
    try {
      return await answer;
    } catch (error) {
      throw doorError(error as ServiceError);
    }
  };

  return {
    door: 'grpc',
    createQueue: async (queue) => void (await told(call(queues, 'createQueue', { queue }, options))),
    post: async (queue, bodies, key) => {
      const request = {
        queue,
        messages: bodies.map((body) => ({ body: Buffer.from(body), contentType: '', ttlSeconds: TTL })),
        producerId: key?.producer,
        producerSequence: key === undefined ? undefined : BigInt(key.sequence),
      };
      const response = await told(call(messages, 'postMessages', request, options));
      return response.ids;
    },
    claim: async (queue, limit, ttlSeconds) => {
      const request = { queue, ttlSeconds, graceSeconds: 60, limit };
      const { claim } = await told(call(claims, 'createClaim', request, options));
      return claim ? { id: claim.id, messages: claim.messages.map(shown) } : null;
    },
    remove: async (queue, ids, claimId) => {
      const request = { queue, claimId, ids: [...ids] };
      const { acknowledgements } = await told(call(claims, 'acknowledgeMessages', request, options));
      return acknowledgements.map(({ outcome }) => removalOf(outcome));
    },
    release: async (queue, claimId) => void (await told(call(claims, 'releaseClaim', { queue, claimId }, options))),
    renew: async (queue, claimId, ttlSeconds) => {
      const renewed = told(call(claims, 'updateClaim', { queue, claimId, ttlSeconds }, options));
      return renewed.then(() => true, unlessNotFound);
    },
    list: async (queue, marker, limit) => {
      const request = { queue, marker, limit, echo: true, includeClaimed: true };
      const response = await told(call(messages, 'listMessages', request, options));
      return { messages: response.messages.map(shown), next: response.nextMarker };
    },
    total: async (queue) => Number((await told(call(queues, 'getQueueStats', { queue }, options))).total),
    health: async () => {
      const { storage } = await told(call(admin, 'getStatus', {}, options));
      if (storage?.state === StorageState.STORAGE_STATE_UNAVAILABLE)
        throw new DoorError('UNAVAILABLE', 'STORAGE_UNAVAILABLE', false, storage.detail);
    },
    close,
  };
}

/** What became of a message, as histories know it. */
export function removalOf(outcome: Acknowledgement_Outcome): Removal {
  return REMOVALS[outcome] ?? 'refused';
}

/** A message as the doors' clients show it. */
export function shown(message: Message): DoorMessage {
  const { id, body, epoch, marker } = message;
  return { id, body: body.toString('utf8'), epoch: Number(epoch), marker: Number(marker) };
}

function doorError(error: ServiceError): DoorError {
  const { reason, retryMs } = refusalOf(error);
  // The library itself answers UNAVAILABLE, without a reason, when the connection is not there or breaks.
  const name = error.code === status.UNAVAILABLE && reason === '' ? 'LOST' : (status[error.code] ?? 'UNKNOWN');
  return new DoorError(name, reason, retryMs !== null, error.details);
}
