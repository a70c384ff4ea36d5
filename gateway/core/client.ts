import { Client, Metadata, credentials, type ServiceError } from '@grpc/grpc-js';
import { context, propagation } from '@opentelemetry/api';
import { parseListen } from '../../src/config/listen.js';
import { MarconiError } from '../../src/errors/marconi-error.js';
import { decodeError } from './errors.js';

/** A unary method of the contract, as the generated service definitions describe it. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (value: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** For whom a call is made; an exchange is one. */
export interface CallOrigin {
  readonly project: string | null;
  readonly clientId: string | null;
  readonly requestId: string;
  readonly abandoned: boolean;
  cancel: (() => void) | null;
  header(name: string): string | undefined;
}

/** The gateway's link to the core. */
export interface CoreClient {
  /**
   * Calls a method of the core with the origin's project, client id, credentials, request id and trace. Rejects with
   * a MarconiError: the core's own, or STORAGE_UNAVAILABLE when it cannot be reached, DEADLINE_EXCEEDED after 15 s
   * beyond `waitMs`, CANCELLED when the origin was abandoned.
   */
  call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    origin: CallOrigin,
    waitMs?: number,
  ): Promise<Response>;
  close(): void;
}

/** Milliseconds that the core may take for one call, its wait aside. */
const DEADLINE_MS = 15_000;

const CHANNEL_OPTIONS = {
  // A core that restarts is found again at once, not after the library's default of up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A page holds 3 MiB of bodies, or one message of any size that was accepted.
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // The core is named by an address, never through a proxy of the environment.
  'grpc.enable_http_proxy': 0,
};

/** Request headers that are passed on as they are; the core alone judges them. */
const CREDENTIAL_HEADERS = ['x-auth-token', 'authorization'] as const;
const TRACE_HEADERS = ['traceparent', 'tracestate'] as const;

const setter = { set: (carrier: Metadata, key: string, value: string) => carrier.set(key, value) };

/** Connects to the core at `HOST:PORT` or `unix:PATH`; the connection is made with the first call. */
export function connectCore(address: string): CoreClient {
  const client = new Client(grpcTarget(address), credentials.createInsecure(), CHANNEL_OPTIONS);
  return {
    call: (method, request, origin, waitMs = 0) =>
      new Promise((resolve, reject) => {
        const settle = (error: ServiceError | null, response?: unknown) => {
          origin.cancel = null;
          if (error) reject(decodeError(error));
          else resolve(response as never);
        };
        if (origin.abandoned) {
          reject(new MarconiError('CANCELLED', 'The request was given up.'));
          return;
        }
        const deadline = Date.now() + DEADLINE_MS + waitMs;
        const { path, requestSerialize, responseDeserialize } = method;
        const metadata = describe(origin);
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          { deadline },
          settle,
        );
        origin.cancel = () => call.cancel();
      }),
    close: () => client.close(),
  };
}

function grpcTarget(address: string): string {
  const parsed = parseListen(address);
  if (parsed === null) throw new Error(`The core's address must be HOST:PORT or unix:PATH; it is "${address}".`);
  if (parsed.kind === 'unix') return `unix:${parsed.path}`;
  return `dns:///${parsed.host.includes(':') ? `[${parsed.host}]` : parsed.host}:${parsed.port}`;
}

function describe(origin: CallOrigin): Metadata {
  const metadata = new Metadata();
  metadata.set('x-request-id', origin.requestId);
  if (origin.project !== null) metadata.set('marconi-project-bin', Buffer.from(origin.project));
  if (origin.clientId !== null) metadata.set('client-id', origin.clientId);
  for (const name of CREDENTIAL_HEADERS) pass(origin, metadata, name);
  propagation.inject(context.active(), metadata, setter);
  // Without a tracer here the caller's trace still reaches the core.
  if (metadata.get('traceparent').length === 0) for (const name of TRACE_HEADERS) pass(origin, metadata, name);
  return metadata;
}

/** Metadata is printable ASCII: a header that is not cannot be a credential or a trace that anyone issued. */
function pass(origin: CallOrigin, metadata: Metadata, name: string): void {
  const value = origin.header(name);
  if (value !== undefined && value !== '' && /^[ -~]*$/.test(value)) metadata.set(name, value);
}
