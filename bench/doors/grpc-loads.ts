import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { call, connect } from '../../test/support/grpc-client.js';
import { batchOf } from './bodies.js';
import { ended, openPublish, openStream, publishFrame } from './grpc-stream.js';
import { BATCH, BATCHES_IN_FLIGHT, IN_FLIGHT, type LoadOrder, type LoadResult } from './order.js';
import { checkReceipts, publishReceipt } from './receipts.js';
import { Window } from './window.js';

const same = (bytes: Buffer): Buffer => bytes;

/** Calls that are given back what they bring. */
export async function unaryEcho(order: LoadOrder): Promise<LoadResult> {
  const client = new Client(order.grpc, credentials.createInsecure());
  const frame = publishFrame(order.queue, batchOf(1));
  const window = new Window(IN_FLIGHT, order, () => {
    client.makeUnaryRequest('/bench.Echo/Echo', same, same, frame, (error: ServiceError | null) => {
      if (error) throw error;
      window.answered();
    });
  });
  const perSecond = await window.run();
  client.close();
  return { perSecond };
}

/** Frames of a stream that are given back. */
export async function streamEcho(order: LoadOrder): Promise<LoadResult> {
  const frame = publishFrame(order.queue, batchOf(1));
  const stream = openStream(order.grpc, '/bench.Echo/EchoStream', (answer) => {
    if (answer.length !== frame.length) throw new Error('The echo is not what was sent.');
    window.answered();
  });
  const window = new Window(IN_FLIGHT, order, () => stream.write(frame));
  const perSecond = await window.run();
  await ended(stream);
  return { perSecond };
}

/** A Publish stream with one message a frame. */
export function publish(order: LoadOrder): Promise<LoadResult> {
  return publishBatches(order, 1, IN_FLIGHT);
}

/** A Publish stream with batches. */
export function publishInBatches(order: LoadOrder): Promise<LoadResult> {
  return publishBatches(order, BATCH, BATCHES_IN_FLIGHT);
}

async function publishBatches(order: LoadOrder, size: number, inFlight: number): Promise<LoadResult> {
  const frame = publishFrame(order.queue, batchOf(size));
  const answers: Buffer[] = [];
  const stream = await openPublish(order.grpc, (answer) => {
    answers.push(answer);
    window.answered();
  });
  const window = new Window(inFlight, order, () => stream.write(frame));
  const batches = await window.run();
  await ended(stream);
  checkReceipts(answers.map(publishReceipt), window.sent * size);
  await checkTotal(order, window.sent * size);
  return { perSecond: batches * size };
}

/** Throws unless the queue holds so many messages. */
export async function checkTotal({ grpc, queue }: LoadOrder, messages: number): Promise<void> {
  const connection = connect(grpc);
  const { total } = await call(connection.queues, 'getQueueStats', { queue });
  connection.close();
  if (Number(total) !== messages) throw new Error(`The queue holds ${total} messages; ${messages} were posted.`);
}
