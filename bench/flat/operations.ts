import { randomIds } from '../../src/app/runtime.js';
import type { Position } from '../../src/domain/marker.js';
import { formatMessageId } from '../../src/domain/message-id.js';
import type { MessageOp, MessageOutcome, QueueRef, Storage } from '../../src/storage/ports/index.js';
import { FOREIGN, LONG_TTL, oneKibMessage } from './backlog.js';
import type { BacklogState } from './states.js';

const PAGE = 10;
const MAX_BYTES = 3 * 1024 * 1024;

/** A queue in a state, and where to list from. */
export interface Subject {
  readonly storage: Storage;
  readonly queue: QueueRef;
  readonly position: Position;
}

/** The calls that are measured, by name; they leave the backlog as large as it was. */
export type Timings = Record<'post' | 'claim 10 + delete' | 'list 10' | 'get' | 'stats', number[]>;

/** No timings yet. */
export function noTimings(): Timings {
  return { post: [], 'claim 10 + delete': [], 'list 10': [], get: [], stats: [] };
}

/** Runs each call once on the subject and adds how long it took, in milliseconds. */
export async function measureOnce(subject: Subject, state: BacklogState, into: Timings): Promise<void> {
  const { storage, queue, position } = subject;
  const { now, without, fromMiddle } = state;
  const { messages } = storage;
  const apply = async (op: MessageOp): Promise<MessageOutcome> => {
    const [outcome] = await messages.apply({ ops: [op], now });
    if (!outcome) throw new Error('A step had no outcome.');
    return outcome;
  };
  const batch = randomIds.batch();
  const posted = Array.from({ length: PAGE }, () => oneKibMessage(LONG_TTL));
  await timed(into.post, () => apply({ kind: 'post', queue, batch, poster: FOREIGN, messages: posted, key: null }));
  const id = formatMessageId(batch, 0);
  await timed(into.get, async () => {
    const found = await messages.getMany(queue, [id], MAX_BYTES, now);
    if (found.kind !== 'found' || found.messages.length !== 1) throw new Error('The posted message was not found.');
  });
  await timed(into['list 10'], async () => {
    const page = await messages.list({
      queue,
      position,
      limit: PAGE,
      without,
      includeClaimed: fromMiddle,
      maxBytes: MAX_BYTES,
      now,
    });
    if (page.kind !== 'page' || page.messages.length !== PAGE) throw new Error('The page was not full.');
  });
  await timed(into['claim 10 + delete'], async () => {
    const claim = randomIds.claim();
    const taken = await apply({
      kind: 'claimNext',
      queue,
      claim,
      ttl: 300,
      grace: 60,
      limit: PAGE,
      maxBytes: MAX_BYTES,
    });
    if (!('claim' in taken) || taken.claim.messages.length !== PAGE) throw new Error('Ten were not claimed.');
    const ids = taken.claim.messages.map((message) => message.id);
    await apply({ kind: 'acknowledgeIfHolder', queue, claim, ids });
  });
  await timed(into.stats, () => messages.stats(queue, now));
}

async function timed(into: number[], call: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await call();
  into.push(performance.now() - started);
}
