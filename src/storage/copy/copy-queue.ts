import type { Marker } from '../../domain/marker.js';
import type { Millis } from '../../domain/time.js';
import type { QueueStats, WholeQueue } from '../ports/index.js';
import { queueLabel, timeOf, type Endpoint } from './endpoint.js';
import { keyPages, messagePages } from './pages.js';
import { namesTaken } from './survey.js';

/** Told of what the copy of a queue does. */
export interface CopyObserver {
  /** An earlier run had stored so many messages. */
  onFound(messages: number): void;
  /** So many more have been stored. */
  onCopied(messages: number): void;
}

/**
 * Copies one queue, or goes on where an earlier run was killed: the target itself tells how far it had come. The queue
 * gets its name last, so that nobody ever finds a part of it.
 */
export async function copyQueue(
  source: Endpoint,
  target: Endpoint,
  queue: WholeQueue,
  observer: CopyObserver,
): Promise<void> {
  const { uid } = queue.ref;
  const now = timeOf(source, target);
  await target.transfer.putQueue(queue);
  const there = await statsOf(target, queue, now);
  observer.onFound(there?.total ?? 0);
  for await (const page of messagePages(source.transfer, uid, await newestOf(target, queue, there, now), now)) {
    await target.transfer.putMessages(uid, page);
    observer.onCopied(page.length);
  }
  for await (const page of keyPages(source.transfer, uid, now)) await target.transfer.putKeys(uid, page);
  if (!(await target.transfer.nameQueue(queue))) throw namesTaken([queueLabel(queue)]);
}

/** How many messages of the queue the target shows. */
export async function totalOf(source: Endpoint, target: Endpoint, queue: WholeQueue): Promise<number> {
  return (await statsOf(target, queue, timeOf(source, target)))?.total ?? 0;
}

async function statsOf({ messages }: Endpoint, { ref }: WholeQueue, now: Millis): Promise<QueueStats | null> {
  const stats = await messages.stats(ref, now);
  return stats.kind === 'gone' ? null : stats;
}

/** The marker of the queue's newest message; 0 when it has none. */
async function newestOf(
  { messages }: Endpoint,
  { ref }: WholeQueue,
  stats: QueueStats | null,
  now: Millis,
): Promise<Marker> {
  if (!stats?.newest) return 0;
  const found = await messages.getMany(ref, [stats.newest.id], Number.MAX_SAFE_INTEGER, now);
  return found.kind === 'gone' ? 0 : (found.messages[0]?.marker ?? 0);
}
