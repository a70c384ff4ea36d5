/** Takes one task after the other. Start as many as you like; end any of them at any moment: no task is lost. */
import type { ConsumeRequest, ConsumeResponse } from '../../src/gen/marconi/v1/delivery.js';
import type { Message } from '../../src/gen/marconi/v1/messages.js';
import { bodyOf, connect, newMessage } from '../marconi.js';
import { resize } from './resize.js';

const MAX_ATTEMPTS = 3;
const CLAIM = { ttlSeconds: 60, graceSeconds: 60, maxMessages: 1, releaseOnEnd: true };

const { queues, messages, delivery } = connect();

/** Does one task. False: somebody is to try again. */
async function handle(message: Message): Promise<boolean> {
  const task = bodyOf<{ image: string }>(message);
  try {
    await resize(task.image, message.attempt);
    console.log(`${task.image}: done, attempt ${message.attempt}`);
    return true;
  } catch (error) {
    console.log(`${task.image}: ${(error as Error).message}, attempt ${message.attempt}`);
    if (message.attempt < MAX_ATTEMPTS) return false;
  }
  // Under this key a post is stored once, however often it is sent: also by the next worker, should this one end here.
  const once = { producerId: message.id, producerSequence: 1n };
  await messages.postMessages({ queue: 'images-failed', messages: [newMessage(task)], ...once });
  console.log(`${task.image}: put aside`);
  return true;
}

async function main(): Promise<void> {
  for (const queue of ['images', 'images-failed']) await queues.createQueue({ queue });
  const stream = delivery.consume();
  const send = (request: ConsumeRequest['request']): unknown => stream.write({ request });
  const takeOne = (): unknown => send({ $case: 'credit', value: { messages: 1, bytes: 1_000_000n } });

  send({ $case: 'start', value: { queue: 'images', ...CLAIM } });
  takeOne();
  for await (const { event } of stream as AsyncIterable<ConsumeResponse>) {
    if (event?.$case !== 'claim') continue;
    const { id: claimId, messages: claimed } = event.value;
    const done = await Promise.all(claimed.map(handle));
    // Other workers get a released task at once, in its old place, and its attempt counts.
    if (done.includes(false)) send({ $case: 'release', value: { claimId } });
    else send({ $case: 'acknowledge', value: { claimId, ids: claimed.map(({ id }) => id) } });
    takeOne();
  }
}

void main();
