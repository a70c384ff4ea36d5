/** What the examples share: the generated gRPC clients, with promises in place of callbacks, and bodies of JSON. */
import { promisify } from 'node:util';
import { credentials, type Client, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { ClaimServiceClient } from '../src/gen/marconi/v1/claims.js';
import { DeliveryServiceClient } from '../src/gen/marconi/v1/delivery.js';
import { MessageServiceClient, type Message, type NewMessage } from '../src/gen/marconi/v1/messages.js';
import { QueueServiceClient } from '../src/gen/marconi/v1/queues.js';

/** A generated client whose unary methods give promises. */
type Promised<C> = {
  [M in keyof C]: C[M] extends {
    (request: infer Req, callback: (error: ServiceError | null, response: infer Res) => void): unknown;
    (request: never, metadata: Metadata, callback: never): unknown;
    (request: never, metadata: Metadata, options: never, callback: never): unknown;
  }
    ? (request: Req) => Promise<Res>
    : never;
};

type Unary = (request: unknown, callback: (error: ServiceError | null, response: unknown) => void) => void;

function promised<C extends Client>(client: C): Promised<C> {
  const get = (_: C, method: string | symbol): unknown => promisify((client[method as keyof C] as Unary).bind(client));
  return new Proxy(client, { get }) as unknown as Promised<C>;
}

/** Connects to the address that the program was given, or to where `npm start` listens. */
export function connect(address = process.argv[2] ?? '127.0.0.1:8889') {
  const insecure = credentials.createInsecure();
  return {
    queues: promised(new QueueServiceClient(address, insecure)),
    messages: promised(new MessageServiceClient(address, insecure)),
    claims: promised(new ClaimServiceClient(address, insecure)),
    /** Its methods are streams. */
    delivery: new DeliveryServiceClient(address, insecure),
  };
}

/** A message to post, that lives for an hour. */
export function newMessage(body: unknown): NewMessage {
  return { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json', ttlSeconds: 3600 };
}

/** The body of a message. */
export function bodyOf<T>(message: Message): T {
  return JSON.parse(message.body.toString()) as T;
}
