import { credentials, Metadata, type ChannelCredentials, type Client, type ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../src/gen/google/rpc/error_details.js';
import { Status } from '../../src/gen/google/rpc/status.js';
import { AdminServiceClient } from '../../src/gen/marconi/v1/admin.js';
import { AuthServiceClient } from '../../src/gen/marconi/v1/auth.js';
import { ClaimServiceClient } from '../../src/gen/marconi/v1/claims.js';
import { MessageServiceClient } from '../../src/gen/marconi/v1/messages.js';
import { QueueServiceClient } from '../../src/gen/marconi/v1/queues.js';

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

/** An error as the contract describes it. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly domain: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly descriptions: readonly string[];
  readonly retryMs: number | null;
  readonly retryTrailer: string | undefined;
}

/** Decodes the details of a failed call. */
export function refusalOf(error: ServiceError): Refusal {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = Status.decode(bytes === undefined ? new Uint8Array() : (bytes as Buffer));
  const detail = (type: string) => status.details.find(({ typeUrl }) => typeUrl.endsWith(`google.rpc.${type}`))?.value;
  const info = ErrorInfo.decode(detail('ErrorInfo') ?? new Uint8Array());
  const bad = BadRequest.decode(detail('BadRequest') ?? new Uint8Array());
  const retry = detail('RetryInfo');
  const delay = retry === undefined ? undefined : RetryInfo.decode(retry).retryDelay;
  return {
    code: error.code,
    message: error.details,
    reason: info.reason,
    domain: info.domain,
    facts: info.metadata,
    fields: bad.fieldViolations.map(({ field }) => field),
    descriptions: bad.fieldViolations.map(({ description }) => description),
    retryMs: delay === undefined ? null : Number(delay.seconds) * 1000 + delay.nanos / 1e6,
    retryTrailer: error.metadata.get('marconi-retry-after-ms')[0] as string | undefined,
  };
}

/** The refusal that a call ends with; fails when it succeeds. */
export async function refused(promise: Promise<unknown>): Promise<Refusal> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: ServiceError) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`The call succeeded: ${String(outcome.value)}`);
  return refusalOf(outcome.error);
}
