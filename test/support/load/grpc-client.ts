import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { ErrorInfo, RetryInfo } from '../../../src/gen/google/rpc/error_details.js';
import { Status } from '../../../src/gen/google/rpc/status.js';
import { AdminServiceClient, StorageState } from '../../../src/gen/marconi/v1/admin.js';
import { Acknowledgement_Outcome, ClaimServiceClient } from '../../../src/gen/marconi/v1/claims.js';
import { MessageServiceClient, type Message } from '../../../src/gen/marconi/v1/messages.js';
import { QueueServiceClient } from '../../../src/gen/marconi/v1/queues.js';
import { DoorError, type DoorClient, type DoorMessage } from './door-client.js';

/** Seconds that posted messages live: longer than any test. */
const TTL = 86_400;
const DEADLINE_MS = 30_000;

type Callback<R> = (error: ServiceError | null, response: R) => void;

/** A client of the gRPC door at an address; its calls end after 30 s. */
export function grpcClient(address: string, clientId = '6f0f1d0f8e0f4a7c9a55000000000001'): DoorClient {
  const metadata = new Metadata();
  metadata.set('client-id', clientId);
  const [queues, messages, claims, admin] = connect(address);

  async function call<Q, R>(
    method: (request: Q, metadata: Metadata, options: { deadline: number }, callback: Callback<R>) => unknown,
    request: Q,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + DEADLINE_MS;
      method(request, metadata, { deadline }, (error, response) =>
        error ? reject(doorError(error)) : resolve(response),
      );
    });
  }

  return {
    door: 'grpc',
    createQueue: async (queue) => void (await call(queues.createQueue.bind(queues), { queue })),
    post: async (queue, bodies, key) => {
      const response = await call(messages.postMessages.bind(messages), {
        queue,
        messages: bodies.map((body) => ({ body: Buffer.from(body), contentType: '', ttlSeconds: TTL })),
        producerId: key?.producer,
        producerSequence: key === undefined ? undefined : BigInt(key.sequence),
      });
      return response.ids;
    },
    claim: async (queue, limit, ttlSeconds) => {
      const request = { queue, ttlSeconds, graceSeconds: 60, limit };
      const { claim } = await call(claims.createClaim.bind(claims), request);
      return claim ? { id: claim.id, messages: claim.messages.map(shown) } : null;
    },
    remove: async (queue, id, claimId) => {
      const request = { queue, claimId, ids: [id] };
      const { acknowledgements } = await call(claims.acknowledgeMessages.bind(claims), request);
      const outcome = acknowledgements[0]?.outcome;
      if (outcome === Acknowledgement_Outcome.OUTCOME_CLAIM_LOST)
        throw new DoorError('FAILED_PRECONDITION', 'CLAIM_LOST', false, 'the claim does not hold the message');
    },
    release: async (queue, claimId) => void (await call(claims.releaseClaim.bind(claims), { queue, claimId })),
    renew: async (queue, claimId, ttlSeconds) =>
      void (await call(claims.updateClaim.bind(claims), { queue, claimId, ttlSeconds })),
    list: async (queue, marker, limit) => {
      const request = { queue, marker, limit, echo: true, includeClaimed: true };
      const response = await call(messages.listMessages.bind(messages), request);
      return { messages: response.messages.map(shown), next: response.nextMarker };
    },
    total: async (queue) => Number((await call(queues.getQueueStats.bind(queues), { queue })).total),
    health: async () => {
      const { storage } = await call(admin.getStatus.bind(admin), {});
      if (storage?.state === StorageState.STORAGE_STATE_UNAVAILABLE)
        throw new DoorError('UNAVAILABLE', 'STORAGE_UNAVAILABLE', false, storage.detail);
    },
    close: () => [queues, messages, claims, admin].forEach((client) => client.close()),
  };
}

function connect(address: string): [QueueServiceClient, MessageServiceClient, ClaimServiceClient, AdminServiceClient] {
  // A connection that was refused is tried again soon: the tests restart the node.
  const options = {
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
    'grpc.use_local_subchannel_pool': 1,
  };
  const insecure = credentials.createInsecure();
  const queues = new QueueServiceClient(address, insecure, options);
  const channelOverride = queues.getChannel();
  return [
    queues,
    new MessageServiceClient(address, insecure, { channelOverride }),
    new ClaimServiceClient(address, insecure, { channelOverride }),
    new AdminServiceClient(address, insecure, { channelOverride }),
  ];
}

function shown(message: Message): DoorMessage {
  return { id: message.id, body: message.body.toString('utf8') };
}

function doorError(error: ServiceError): DoorError {
  const [packed] = error.metadata.get('grpc-status-details-bin');
  const details = packed instanceof Buffer ? Status.decode(packed).details : [];
  const find = (name: string): Buffer | undefined =>
    details.find((detail) => detail.typeUrl.endsWith(`/google.rpc.${name}`))?.value;
  const info = find('ErrorInfo');
  const retry = find('RetryInfo');
  const reason = info ? ErrorInfo.decode(info).reason : '';
  const hinted = retry !== undefined && RetryInfo.decode(retry).retryDelay !== undefined;
  // The library itself answers UNAVAILABLE, without a reason, when the connection is not there or breaks.
  const name = error.code === status.UNAVAILABLE && reason === '' ? 'LOST' : (status[error.code] ?? 'UNKNOWN');
  return new DoorError(name, reason, hinted, error.details);
}
