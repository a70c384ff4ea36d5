/** Puts tasks into the queue "images": as durable as the receipt says before this ends. */
import { Durability } from '../../src/gen/marconi/v1/messages.js';
import { connect, newMessage } from '../marconi.js';

const TASKS = ['cat.png', 'flaky.png', 'dog.png', 'broken.png'];

async function main(): Promise<void> {
  const { queues, messages } = connect();
  await queues.createQueue({ queue: 'images' });
  const receipt = await messages.postMessages({
    queue: 'images',
    messages: TASKS.map((image) => newMessage({ image })),
  });
  console.log(`posted ${receipt.ids.length} tasks: ${Durability[receipt.durability]}`);
}

void main();
