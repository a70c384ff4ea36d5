import { Binary } from 'mongodb';
import { freshClient } from '../../../../src/conformance/fresh.js';
import type { QueueKit } from '../../../../src/conformance/queue-kit.js';
import { FREE, type MessageDoc } from '../../../../src/storage/drivers/mongodb/documents.js';
import type { Script } from '../script.js';

/** Messages beyond which statistics are estimated. */
const COUNTED = 10_000;

/** Every way to read a queue. */
export async function scriptReads(script: Script): Promise<void> {
  const queue = await script.queue();
  const poster = freshClient();
  const ids = await queue.post(150, { poster });
  await queue.post(50, { poster: freshClient() });
  await queue.claim({ limit: 5 });
  await script.hot('list', () => queue.list());
  await script.hot('list after a marker', () => queue.list({ position: { kind: 'after', marker: 20 }, limit: 10 }));
  await script.hot('list after a message', () =>
    queue.list({ position: { kind: 'afterMessage', id: ids[7] as string } }),
  );
  await script.hot('list with claimed ones', () => queue.list({ includeClaimed: true }));
  await script.hot("list without one's own", () => queue.list({ without: poster }));
  await script.hot("list with claimed ones and without one's own", () =>
    queue.list({ without: poster, includeClaimed: true }),
  );
  await script.hot('list what fits', () => queue.list({ maxBytes: 40 }));
  await script.hot('read by ids', () => queue.getMany([...ids, ...Array.from({ length: 2_500 }, (_, n) => `m${n}`)]));
  await script.hot('statistics', () => queue.stats());
}

/** Statistics of a queue with more messages than are counted one by one; they are put there, not posted, to save time. */
export async function scriptEstimate(script: Script): Promise<void> {
  const queue = await script.queue();
  await script.collections.messages.insertAll(Array.from({ length: COUNTED + 1 }, (_, n) => placed(queue, n)));
  const { estimated } = await script.hot('statistics of a long queue', () => queue.stats());
  if (!estimated) throw new Error('The queue was counted.');
}

function placed({ ref: { uid }, kit: { now } }: QueueKit, index: number): MessageDoc {
  const life = { exp: new Date(now + 100_000), ttl: 100, at: new Date(now) };
  const facts = { ...life, i: 0, n: 1, po: null, type: '', ep: 0, tries: 0, size: 2 };
  return { _id: `${uid}-${index}`, uid, k: index + 1, due: FREE, ...facts, body: new Binary(Buffer.from('{}')) };
}
