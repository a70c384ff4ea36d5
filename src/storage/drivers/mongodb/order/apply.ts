import { formatMessageId } from '../../../../domain/message-id.js';
import type { Marker } from '../../../../domain/marker.js';
import type { Statement } from '../collection.js';
import type { Collections } from '../collections.js';
import { FREE, STAGED, type HeadDoc } from '../documents.js';
import { inParts } from '../queries.js';
import { RETRY, retrying, type RetryDeps } from '../retrying.js';
import { upTo, type Placed } from './positions.js';

/** Gives a staged message its marker, by which it becomes part of the queue; one that has its marker stays as it is. */
export function placeMessage(uid: string, batch: string, index: number, k: Marker): Statement {
  return {
    kind: 'update',
    filter: { _id: formatMessageId(batch, index), uid, due: STAGED },
    update: { $set: { k, due: FREE } },
  };
}

/** Deletes what is staged of a post that is not to be shown. */
export function discardPost(uid: string, batch: string, count: number): readonly Statement[] {
  return Array.from({ length: count }, (_, index): Statement => {
    return { kind: 'delete', filter: { _id: formatMessageId(batch, index), uid, due: STAGED } };
  });
}

/** Carries out what the log of a head says (`docs/adr`, order on MongoDB: S3 and S4). */
export class Applier {
  constructor(
    private readonly collections: Pick<Collections, 'heads' | 'messages' | 'posts'>,
    private readonly retry: RetryDeps = RETRY,
  ) {}

  /**
   * Gives the messages of all posts up to the push their markers, in marker order, so that what is visible is always
   * a beginning of the log. Repeats, and runs of several cores at once, change nothing. When it resolves, a majority
   * has it. Resolves with the posts that were applied, without those whose producer key went to another post: these
   * are deleted in their turn, so that nobody who comes late with an old log can place them behind a reader.
   */
  async apply(uid: string, head: HeadDoc, push: string | null, done = new Set<string>()): Promise<readonly Placed[]> {
    const posts = upTo(head, push).filter((post) => !done.has(post.push));
    const lost = await this.decide(uid, posts);
    const statements = posts.flatMap(({ item: { b, n }, base }) =>
      lost.has(b)
        ? discardPost(uid, b, n)
        : Array.from({ length: n }, (_, index) => placeMessage(uid, b, index, base + 1 + index)),
    );
    await retrying(() => this.collections.messages.bulk(statements, { ordered: true }), this.retry);
    return posts.filter(({ item: { b } }) => !lost.has(b));
  }

  /**
   * Takes the posts up to the push out of the log; only after `apply` of them. They are the front of the log, and each
   * push has a name of its own, so that what is taken out never lies behind what stays.
   */
  async tidy(uid: string, head: HeadDoc, push: string | null): Promise<void> {
    const pushes = new Set(upTo(head, push).map((post) => post.push));
    const front: Statement = {
      kind: 'update',
      filter: { _id: uid, 'log.p': { $in: [...pushes] } },
      // Whole entries: taking them out by their name alone is not for every server that speaks the protocol.
      update: { $pullAll: { log: head.log.filter(({ p }) => pushes.has(p)) }, $inc: { v: 1 } },
    };
    const settled: Statement = {
      kind: 'update',
      filter: { _id: uid, gone: false, log: { $size: 0 } },
      update: { $set: { at: 0 } },
    };
    await this.collections.heads.bulk([front, settled], { ordered: true });
  }

  /** Decides, once and for all, that the posts own their producer keys; those whose key was taken from them before. */
  private async decide(uid: string, placed: readonly Placed[]): Promise<ReadonlySet<string>> {
    const keyed = placed.filter(({ item }) => item.key !== null);
    if (keyed.length === 0) return new Set();
    const { posts } = this.collections;
    const first = keyed.map(({ item: { b, key }, base }): Statement => ({
      kind: 'update',
      filter: { _id: key, uid, b, first: null },
      update: { $set: { first: base + 1 } },
    }));
    const { matched } = await retrying(() => posts.bulk(first, { ordered: true }), this.retry);
    if (matched === keyed.length) return new Set();
    const ids = keyed.flatMap(({ item }) => item.key ?? []);
    const records = await inParts(ids, (part) => posts.find({ uid, _id: { $in: part } }, { limit: part.length }));
    // A post that is not in the record was decided before, or its window is over: nobody took the key from it.
    return new Set(records.flatMap(({ not = [] }) => not));
  }
}
