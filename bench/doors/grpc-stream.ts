import { Client, credentials, status, type ClientDuplexStream } from '@grpc/grpc-js';
import { PublishRequest, type NewMessage } from '../../src/gen/marconi/v1/messages.js';

/** A stream of bytes, so that all loads have the same client. */
export type ByteStream = ClientDuplexStream<Buffer, Buffer>;

export const PUBLISH = '/marconi.v1.MessageService/Publish';
export const CONSUME = '/marconi.v1.DeliveryService/Consume';

const same = (bytes: Buffer): Buffer => bytes;

/** Opens a stream over a connection of its own; it fails the process when it ends with an error. */
export function openStream(address: string, path: string, answered: (answer: Buffer) => void): ByteStream {
  const client = new Client(address, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(path, same, same);
  call.on('data', answered);
  call.once('end', () => client.close());
  return call;
}

/** Opens a stream that publishes; `receipt` is told of each answer but the first, which is the window. */
export async function openPublish(address: string, receipt: (answer: Buffer) => void): Promise<ByteStream> {
  let isOpen = false;
  return new Promise((resolve) => {
    const call = openStream(address, PUBLISH, (answer) => {
      if (isOpen) return receipt(answer);
      isOpen = true;
      resolve(call);
    });
  });
}

/** A batch for a Publish stream, encoded. */
export function publishFrame(queue: string, messages: NewMessage[]): Buffer {
  return Buffer.from(PublishRequest.encode({ queue, messages }).finish());
}

/** Resolves when the stream has ended well after its client half-closed. */
export function ended(call: ByteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    call.once('status', ({ code, details }) => (code === status.OK ? resolve() : reject(new Error(details))));
    call.end();
  });
}
