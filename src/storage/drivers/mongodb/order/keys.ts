import type { Marker } from '../../../../domain/marker.js';
import { tickAfter, type Millis } from '../../../../domain/time.js';
import type { MessageOutcomes, PostOp, ProducerKey } from '../../../ports/index.js';
import type { Collections } from '../collections.js';
import type { KeyDoc } from '../documents.js';
import { retrying } from '../retrying.js';
import type { Applier } from './apply.js';

/** A post that carries a producer key. */
export type KeyedPost = PostOp & { readonly key: ProducerKey };

/** What a post learns of its key: that it may go on (null), or what it came to without being stored. */
export type KeyVerdict = Extract<MessageOutcomes['post'], { kind: 'posted' | 'keyReused' | 'keyBusy' }> | null;

/** Looks at one record that others change meanwhile. */
const TRIES = 5;

/** Milliseconds for which a post that took a key is left alone before another one may take it over. */
const PATIENCE_MS = 2_000;

/** The name of a key's record. */
export function keyId(uid: string, { producer, sequence }: Pick<ProducerKey, 'producer' | 'sequence'>): string {
  return `${uid}:${sequence}:${producer}`;
}

/** What a post with a decided record came to, for another post under its key. */
export function receiptOf({ b, n, fp }: KeyDoc, first: Marker, key: ProducerKey): KeyVerdict {
  if (fp !== key.fingerprint) return { kind: 'keyReused' };
  return { kind: 'posted', batch: b, first, count: n, duplicate: true };
}

/**
 * Producer keys: one record each, which names the post that owns the key. A post takes the record before it is pushed;
 * `Applier` decides it (sets `first`) before the post is shown. Until it is decided another post may take the record
 * over, and whichever of the two the decision finds there is shown, the other one never.
 */
export class Keys {
  constructor(
    private readonly collections: Pick<Collections, 'heads' | 'posts'>,
    private readonly applier: Applier,
  ) {}

  /** Takes the keys for the posts, as far as they are to be had; a verdict for each. */
  async take(uid: string, posts: readonly KeyedPost[], now: Millis): Promise<readonly KeyVerdict[]> {
    if (posts.length === 0) return [];
    const records = posts.map((post) => record(uid, post, now));
    const taken = await retrying(() => this.collections.posts.insertAll(records));
    return Promise.all(
      posts.map((post, index) => (taken.has(index) ? this.contend(uid, post, now) : Promise.resolve(null))),
    );
  }

  /** What became of a key whose decision went against the post. */
  async lost(uid: string, { key }: KeyedPost): Promise<KeyVerdict> {
    const found = await this.collections.posts.findOne({ _id: keyId(uid, key), uid });
    return found === null || found.first === null ? { kind: 'keyBusy' } : receiptOf(found, found.first, key);
  }

  private async contend(uid: string, post: KeyedPost, now: Millis): Promise<KeyVerdict> {
    for (let tries = 0; tries < TRIES; tries++) {
      const verdict = await this.tryOnce(uid, post, now);
      if (verdict !== 'again') return verdict;
    }
    return { kind: 'keyBusy' };
  }

  private async tryOnce(uid: string, post: KeyedPost, now: Millis): Promise<KeyVerdict | 'again'> {
    const { posts } = this.collections;
    const found = await posts.findOne({ _id: keyId(uid, post.key), uid });
    if (found === null) return (await posts.insertAll([record(uid, post, now)])).size === 0 ? null : 'again';
    if (found.b === post.batch) return null;
    if (found.until.getTime() <= now) return this.takeOver(found, post, now);
    if (found.first !== null) return receiptOf(found, found.first, post.key);
    const head = await this.collections.heads.findOne({ _id: uid });
    if (head?.log.some(({ g }) => g.some(({ b }) => b === found.b))) {
      await this.applier.apply(uid, head, null);
      return 'again';
    }
    if (now - found.at.getTime() < PATIENCE_MS) return { kind: 'keyBusy' };
    return this.takeOver(found, post, now);
  }

  /** Lets the post own the record unless it was decided or taken since. */
  private async takeOver(found: KeyDoc, post: KeyedPost, now: Millis): Promise<KeyVerdict | 'again'> {
    const { _id, uid, b, first, until } = found;
    const { fp, b: batch, n, at, until: later } = record(uid, post, now);
    const update = { $set: { fp, b: batch, n, first: null, at, until: later } };
    const result = await this.collections.posts.updateOne({ _id, uid, b, first, until }, update);
    return result === 'found' ? null : 'again';
  }
}

function record(uid: string, { key, batch, messages }: KeyedPost, now: Millis): KeyDoc {
  const { producer, sequence, fingerprint: fp, window } = key;
  const until = new Date(tickAfter(now, window) * 1000);
  const _id = keyId(uid, key);
  return { _id, uid, producer, sequence, fp, b: batch, n: messages.length, first: null, at: new Date(now), until };
}
