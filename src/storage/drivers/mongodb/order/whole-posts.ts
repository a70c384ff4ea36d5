import { parseMessageId } from '../../../../domain/message-id.js';
import type { Marker } from '../../../../domain/marker.js';
import { MarconiError } from '../../../../errors/marconi-error.js';
import type { Collections } from '../collections.js';
import type { HeadDoc, MessageFacts } from '../documents.js';
import { Recent } from '../recent.js';
import { placeMessage } from './apply.js';
import { placedTo } from './positions.js';

/** Readings of one page at the most, one and five more: each time its last post was on its way, another one each time. */
const READINGS = 6;

/** Queues whose placed part is remembered. */
const MAX_REMEMBERED = 20_000;

/** What a page is judged by. */
export type Seen = Pick<MessageFacts, '_id' | 'k' | 'i' | 'n'>;

/** Messages in marker order. */
export interface Reading<T extends Seen> {
  readonly messages: readonly T[];
  /** True when more may follow: the page ends here by its size. */
  readonly cut: boolean;
}

/**
 * Reads pages so that no post is seen in part (rule R). Messages get their markers in order, so only the post at a
 * page's end may still be on its way; it is then helped there, and the page is read again.
 *
 * Every page is read side by side with the head, which tells a gone queue, and up to which marker all is placed. What
 * the head says holds for pages read after it: for a page that was cut, since the rest of the post is read later; for
 * one that ends with the queue only if it was known before the page was read.
 */
export class WholePosts {
  private readonly known = new Recent<Marker>(MAX_REMEMBERED);

  constructor(private readonly collections: Pick<Collections, 'heads' | 'messages'>) {}

  /** The page; null when the queue is gone. `read` reads the page as it is now. */
  async read<T extends Seen>(uid: string, read: () => Promise<Reading<T>>): Promise<readonly T[] | null> {
    for (let readings = 0; readings < READINGS; readings++) {
      const before = this.known.get(uid) ?? 0;
      const [head, { messages, cut }] = await Promise.all([this.head(uid), read()]);
      if (head === null) return null;
      const last = messages.at(-1);
      if (last === undefined || isWhole(last, cut ? placedTo(head) : before)) return messages;
      if (!isWhole(last, placedTo(head))) await this.complete(uid, last);
      if (cut) return messages;
    }
    throw new MarconiError('OVERLOADED', 'The queue changes faster than it can be read; try again.', {
      retryAfterMs: 100,
    });
  }

  /** The head of a queue that is not gone. */
  async head(uid: string): Promise<HeadDoc | null> {
    const head = await this.collections.heads.findOne({ _id: uid });
    if (head === null || head.gone) return null;
    this.learn(uid, placedTo(head));
    return head;
  }

  /** Gives the messages of the post that come after this one their markers. */
  private async complete(uid: string, { _id, k, i, n }: Seen): Promise<void> {
    const batch = parseMessageId(_id)?.batch ?? '';
    const from = Number(k);
    const missing = Array.from({ length: n - 1 - i }, (_, s) => placeMessage(uid, batch, i + 1 + s, from + 1 + s));
    await this.collections.messages.bulk(missing, { ordered: true });
    this.learn(uid, from + missing.length);
  }

  private learn(uid: string, placed: Marker): void {
    this.known.set(uid, Math.max(placed, this.known.get(uid) ?? 0));
  }
}

/** True when no message of the post is missing after this one, seen that all markers up to `placed` are placed. */
function isWhole({ k, i, n }: Seen, placed: Marker): boolean {
  return i === n - 1 || Number(k) <= placed;
}
