import type { Marker } from '../../domain/marker.js';
import type { Millis } from '../../domain/time.js';
import type { Transfer, WholeKey, WholeMessage, WholeQueue } from '../ports/index.js';

/** What is read, kept in memory and written in one go, at the most; one page is read while another is written. */
const QUEUES = 200;
const MESSAGES = 1_000;
const BYTES = 4 * 1024 * 1024;
const KEYS = 1_000;

/** All queues of all projects. */
export function queuePages(transfer: Transfer): AsyncGenerator<readonly WholeQueue[]> {
  return pages((after: WholeQueue | null) => transfer.queues(after, QUEUES));
}

/** The messages of an incarnation after a marker. */
export function messagePages(
  transfer: Transfer,
  uid: string,
  after: Marker,
  now: Millis,
): AsyncGenerator<readonly WholeMessage[]> {
  return pages((last: WholeMessage | null) => transfer.messages(uid, last?.marker ?? after, MESSAGES, BYTES, now));
}

/** The producer records of an incarnation. */
export function keyPages(transfer: Transfer, uid: string, now: Millis): AsyncGenerator<readonly WholeKey[]> {
  return pages((after: WholeKey | null) => transfer.keys(uid, after, KEYS, now));
}

/** Pages up to the first empty one, each read while its predecessor is worked on. */
async function* pages<T>(read: (last: T | null) => Promise<readonly T[]>): AsyncGenerator<readonly T[]> {
  let next = read(null);
  for (;;) {
    const page = await next;
    const last = page.at(-1);
    if (last === undefined) return;
    next = read(last);
    // Whoever stops early does not ask for it; its failure is then nobody's.
    next.catch(() => undefined);
    yield page;
  }
}
