import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { DISPATCH, rowOf, type RequestOf, type ResponseOf, type UnaryMethod } from '../../../src/transport/dispatch.js';
import { refusalOf } from '../grpc-client.js';
import { DoorRefusal, type Caller } from './door.js';
import { doorRefusal, RpcDoor, type Calls } from './rpc-door.js';

const TIMEOUT_MS = 40_000;

interface Codec {
  encode(value: unknown): { finish(): Uint8Array };
  fromPartial(value: unknown): unknown;
  decode(bytes: Uint8Array): unknown;
}

/** Metadata that names a caller. */
export function grpcMetadata({ project, client }: Caller): Metadata {
  const metadata = new Metadata();
  if (project !== null) metadata.set('marconi-project-bin', Buffer.from(project));
  if (client !== null) metadata.set('client-id', client);
  return metadata;
}

/** When a call ends at the latest. */
export const deadlineOf = (ms = TIMEOUT_MS) => ({ deadline: Date.now() + ms });

/** A status of gRPC in words of no door. The client itself ends a call at its deadline, and gives no details. */
export function grpcRefusal(error: ServiceError): DoorRefusal {
  if (error.code === status.DEADLINE_EXCEEDED) return new DoorRefusal('DEADLINE_EXCEEDED', [], error.details);
  return doorRefusal(refusalOf(error));
}

/** One connection, for all callers. */
export class GrpcLink {
  readonly client: Client;

  constructor(readonly address: string) {
    this.client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
  }

  /** The unary calls. */
  readonly calls: Calls = <Name extends UnaryMethod>(
    method: Name,
    request: Partial<RequestOf<Name>>,
    caller: Caller,
    deadlineMs?: number,
  ) => {
    const { requestCodec, responseCodec } = DISPATCH[method] as unknown as Record<string, Codec>;
    const encode = (value: unknown) => Buffer.from(requestCodec!.encode(requestCodec!.fromPartial(value)).finish());
    const decode = (bytes: Buffer) => responseCodec!.decode(bytes) as ResponseOf<Name>;
    return new Promise<ResponseOf<Name>>((resolve, reject) => {
      const { path } = rowOf(method);
      const options = deadlineOf(deadlineMs);
      this.client.makeUnaryRequest(path, encode, decode, request, grpcMetadata(caller), options, (error, response) =>
        error ? reject(grpcRefusal(error)) : resolve(response as ResponseOf<Name>),
      );
    });
  };

  close(): void {
    this.client.close();
  }
}

/** The door of unary gRPC calls. */
export const grpcDoor = (link: GrpcLink, caller: Caller) => new RpcDoor('gRPC', link.calls, caller);
