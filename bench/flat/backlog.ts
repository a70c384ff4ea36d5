import { randomBytes } from 'node:crypto';
import { randomIds } from '../../src/app/runtime.js';
import type { ClientId } from '../../src/domain/client-id.js';
import type { Millis } from '../../src/domain/time.js';
import type { MessageOp, NewMessage, QueueRef, Storage } from '../../src/storage/ports/index.js';

/** The poster of the caller's own messages, and another. */
export const OWN: ClientId = '0123456789abcdef0123456789abcdef';
export const FOREIGN: ClientId = 'fedcba9876543210fedcba9876543210';

/** Seconds: messages that are to expire within the run, and those that are not. */
export const SHORT_TTL = 60;
export const LONG_TTL = 86_400;

/** Rows in one commit while building. */
const ROWS = 4_000;

/** Who posts the n-th message of a backlog. */
export type PosterOf = (index: number) => ClientId;

/** A message of 1 KiB. */
export function oneKibMessage(ttl: number): NewMessage {
  return { body: Buffer.from(JSON.stringify(randomBytes(766).toString('base64'))), contentType: '', ttl };
}

/** Makes the queue and fills it with so many messages at `now`; those of the first half live shorter. */
export async function fillQueue(
  storage: Storage,
  name: string,
  size: number,
  now: Millis,
  posterOf: PosterOf,
): Promise<QueueRef> {
  const queue = await makeQueue(storage, name, now);
  const templates = [oneKibMessage(SHORT_TTL), oneKibMessage(LONG_TTL)] as const;
  for (let from = 0; from < size; from += ROWS) {
    const indexes = Array.from({ length: Math.min(ROWS, size - from) }, (_, i) => from + i);
    const message = (index: number): NewMessage => templates[index < size / 2 ? 0 : 1];
    const ops = runs(indexes, posterOf).map((run): MessageOp => ({
      kind: 'post',
      queue,
      batch: randomIds.batch(),
      poster: posterOf(run[0] as number),
      messages: run.map(message),
      key: null,
    }));
    await storage.messages.apply({ ops, now });
  }
  return queue;
}

/** Opens a queue under its name. */
export async function makeQueue(storage: Storage, name: string, now: Millis): Promise<QueueRef> {
  const queue: QueueRef = { uid: randomIds.queueUid(), pool: 'default' };
  await storage.messages.apply({ ops: [{ kind: 'open', queue }], now });
  await storage.control.createQueue(null, name, queue, now);
  return queue;
}

/** Claims the first `count` messages at `now`, in claims of 1000, for `ttl` seconds. */
export async function claimFirst(
  storage: Storage,
  queue: QueueRef,
  count: number,
  now: Millis,
  ttl: number,
): Promise<void> {
  for (let left = count; left > 0; left -= 1_000) {
    const op: MessageOp = {
      kind: 'claimNext',
      queue,
      claim: randomIds.claim(),
      ttl,
      grace: 60,
      limit: Math.min(left, 1_000),
      maxBytes: Number.MAX_SAFE_INTEGER,
    };
    const [outcome] = await storage.messages.apply({ ops: [op], now });
    if (outcome?.kind !== 'claimed') throw new Error(`Nothing was claimed with ${left} left: ${outcome?.kind}.`);
  }
}

/** Neighbours by the same poster, which one post can hold. */
function runs(indexes: readonly number[], posterOf: PosterOf): number[][] {
  const found: number[][] = [];
  for (const index of indexes) {
    const last = found.at(-1);
    if (last && posterOf(last[0] as number) === posterOf(index)) last.push(index);
    else found.push([index]);
  }
  return found;
}
