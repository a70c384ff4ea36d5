import { credentials, Metadata, type ChannelCredentials, type Client, type ServiceError } from '@grpc/grpc-js';
import { Status } from '../../src/gen/google/rpc/status.js';
import { AdminServiceClient } from '../../src/gen/marconi/v1/admin.js';
import { AuthServiceClient } from '../../src/gen/marconi/v1/auth.js';
import { ClaimServiceClient } from '../../src/gen/marconi/v1/claims.js';
import { DeliveryServiceClient } from '../../src/gen/marconi/v1/delivery.js';
import { MessageServiceClient } from '../../src/gen/marconi/v1/messages.js';
import { QueueServiceClient } from '../../src/gen/marconi/v1/queues.js';
import { rpcRefusalOf, type Refusal } from './rpc-refusal.js';

/** What a call may be given beside its request. */
export interface CallOptions {
  readonly project?: string;
  readonly clientId?: string;
  readonly metadata?: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export function metadataOf({ project, clientId, metadata = {} }: CallOptions): Metadata {
  const result = new Metadata();
  if (project !== undefined) result.set('marconi-project-bin', Buffer.from(project));
  if (clientId !== undefined) result.set('client-id', clientId);
  for (const [key, values] of Object.entries(metadata)) {
    for (const value of Array.isArray(values) ? values : [values]) result.add(key, value);
  }
  return result;
}

type Unary<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: Res) => void,
) => { cancel(): void };

type RequestOf<F> = F extends (
  request: infer Req,
  metadata: Metadata,
  options: never,
  callback: (error: ServiceError | null, response: never) => void,
) => unknown
  ? Req
  : never;

const TIMEOUT_MS = 20_000;

/** A client of all services over one connection. */
export function connect(address: string, creds: ChannelCredentials = credentials.createInsecure(), options = {}) {
  const channelOptions = { 'grpc.max_receive_message_length': -1, 'grpc.use_local_subchannel_pool': 1, ...options };
  const queues = new QueueServiceClient(address, creds, channelOptions);
  const channelOverride = queues.getChannel();
  const shared = { ...channelOptions, channelOverride };
  const clients = {
    queues,
    messages: new MessageServiceClient(address, creds, shared),
    claims: new ClaimServiceClient(address, creds, shared),
    delivery: new DeliveryServiceClient(address, creds, shared),
    auth: new AuthServiceClient(address, creds, shared),
    admin: new AdminServiceClient(address, creds, shared),
  };
  return { ...clients, close: () => queues.close() };
}

export type Connection = ReturnType<typeof connect>;

/** Makes one unary call. Rejects with the ServiceError. */
export function call<C extends Client, K extends keyof C>(
  client: C,
  method: K,
  request: Partial<RequestOf<C[K]>>,
  options: CallOptions = {},
): Promise<ResponseOf<C[K]>> {
  return new Promise((resolve, reject) => {
    const run = (client[method] as unknown as Unary<unknown, ResponseOf<C[K]>>).bind(client);
    const deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
    const handle = run(request, metadataOf(options), { deadline }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
    options.signal?.addEventListener('abort', () => handle.cancel());
  });
}

type ResponseOf<F> = F extends {
  (request: never, callback: (error: ServiceError | null, response: infer Res) => void): unknown;
  (request: never, metadata: never, callback: never): unknown;
  (request: never, metadata: never, options: never, callback: never): unknown;
}
  ? Res
  : never;

/** An error as gRPC shows it. */
export interface GrpcRefusal extends Refusal {
  readonly retryTrailer: string | undefined;
}

/** Decodes the details of a failed call. */
export function refusalOf(error: ServiceError): GrpcRefusal {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = Status.decode(bytes === undefined ? new Uint8Array() : (bytes as Buffer));
  return {
    ...rpcRefusalOf(status),
    code: error.code,
    message: error.details,
    retryTrailer: error.metadata.get('marconi-retry-after-ms')[0] as string | undefined,
  };
}

/** The refusal that a call ends with; fails when it succeeds. */
export async function refused(promise: Promise<unknown>): Promise<GrpcRefusal> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: ServiceError) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`The call succeeded: ${String(outcome.value)}`);
  return refusalOf(outcome.error);
}
