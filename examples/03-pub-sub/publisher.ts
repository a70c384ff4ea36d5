/** Posts news. Any door does; who posts knows nothing of who follows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, newMessage } from '../marconi.js';

const ITEMS = 30;
const PAUSE_MS = 50;

const { queues, messages } = connect();

async function main(): Promise<void> {
  await queues.createQueue({ queue: 'news' });
  for (let item = 1; item <= ITEMS; item++) {
    const news = `item ${item} of publisher ${process.pid}`;
    await messages.postMessages({ queue: 'news', messages: [newMessage(news)] });
    console.log(news);
    await sleep(PAUSE_MS);
  }
  process.exit(0);
}

void main();
