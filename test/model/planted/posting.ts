import { Binary } from 'mongodb';
import { formatMessageId } from '../../../src/domain/message-id.js';
import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';
import { FREE, type HeadDoc, type MessageDoc } from '../../../src/storage/drivers/mongodb/documents.js';
import { Applier } from '../../../src/storage/drivers/mongodb/order/apply.js';
import { place, type Placed } from '../../../src/storage/drivers/mongodb/order/positions.js';
import { WholePosts, type Reading, type Seen } from '../../../src/storage/drivers/mongodb/order/whole-posts.js';
import type { MessageOutcomes, PostOp } from '../../../src/storage/ports/index.js';

/** Takes markers first and then inserts the messages with them: what comes to many minds. */
export class Reserving {
  constructor(private readonly collections: Pick<Collections, 'heads' | 'messages'>) {}

  async post(uid: string, ops: readonly PostOp[]): Promise<readonly MessageOutcomes['post'][]> {
    const count = ops.reduce((sum, { messages }) => sum + messages.length, 0);
    const head = await this.collections.heads.findOneAndUpdate({ _id: uid, gone: false }, { $inc: { next: count } });
    let first = (head?.next ?? 0) - count + 1;
    const outcomes: MessageOutcomes['post'][] = [];
    for (const { batch, messages } of ops) {
      const n = messages.length;
      await this.collections.messages.insertAll(messages.map((_, i) => shown(uid, batch, i, n, first + i)));
      outcomes.push({ kind: 'posted', batch, first, count: n, duplicate: false });
      first += n;
    }
    return outcomes;
  }
}

function shown(uid: string, batch: string, i: number, n: number, k: number): MessageDoc {
  const _id = formatMessageId(batch, i);
  const times = { at: new Date(0), exp: new Date(1e12), ttl: 1 };
  const facts = { _id, uid, k, due: FREE, i, n, ...times, po: null, type: '', ep: 0, tries: 0, size: 0 };
  return { ...facts, body: new Binary(new Uint8Array()) };
}

/** Reads without a look at the post at the page's end. */
export class Hasty extends WholePosts {
  override async read<T extends Seen>(uid: string, read: () => Promise<Reading<T>>): Promise<readonly T[] | null> {
    const [head, { messages }] = await Promise.all([this.head(uid), read()]);
    return head && messages;
  }
}

/** Takes posts out of the log before they have their markers. */
export class Untimely extends Applier {
  override async apply(
    uid: string,
    head: HeadDoc,
    push: string | null,
    done?: Set<string>,
  ): Promise<readonly Placed[]> {
    await this.tidy(uid, head, push);
    return super.apply(uid, head, push, done);
  }
}

/** Applies its own posts and leaves those of others to them. */
export class Selfish extends Applier {
  override apply(uid: string, head: HeadDoc, push: string | null): Promise<readonly Placed[]> {
    const others = place(head).filter((post) => post.push !== push);
    return super.apply(uid, head, push, new Set(push === null ? [] : others.map((post) => post.push)));
  }
}

/** Sees every key as its own, and decides nothing. */
export function undecided(collections: Collections): Collections {
  const { posts } = collections;
  const bulk: typeof posts.bulk = (statements) => Promise.resolve({ matched: statements.length, deleted: 0 });
  return { ...collections, posts: Object.assign(Object.create(posts), { bulk }) };
}
