import type { Marker } from '../../../../domain/marker.js';
import { tickAfter, type Millis } from '../../../../domain/time.js';
import type { Gone, MessageOutcomes, PostOp, ProducerKey } from '../../../ports/index.js';
import type { Collections } from '../collections.js';
import type { KeyDoc } from '../documents.js';
import { RETRY, retrying, type RetryDeps } from '../retrying.js';
import type { Applier } from './apply.js';

/** A post that carries a producer key. */
export type KeyedPost = PostOp & { readonly key: ProducerKey };

/** What a post comes to without being stored. */
type Verdict = Extract<MessageOutcomes['post'], { kind: 'posted' | 'keyReused' | 'keyBusy' }> | Gone;

/** What a post learns of its key: that it may go on (null), or what it came to. */
export type KeyVerdict = Verdict | null;

/** Looks at one record that others change meanwhile. */
const TRIES = 5;

/** Milliseconds for which a post that took a key is left alone before another one may take it over. */
const PATIENCE_MS = 2_000;

/** Posts from which one key is taken within its window, at the most. */
const MAX_TAKEN = 100;

/** The name of a key's record. */
export function keyId(uid: string, { producer, sequence }: Pick<ProducerKey, 'producer' | 'sequence'>): string {
  return `${uid}:${sequence}:${producer}`;
}

/** What a post with a decided record came to, for another post under its key. */
export function receiptOf({ b, n, fp }: KeyDoc, first: Marker, key: ProducerKey): Verdict {
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
    private readonly retry: RetryDeps = RETRY,
  ) {}

  /** Takes the keys for the posts, as far as they are to be had; a verdict for each. */
  async take(uid: string, posts: readonly KeyedPost[], now: Millis): Promise<readonly KeyVerdict[]> {
    if (posts.length === 0) return [];
    const records = posts.map((post) => record(uid, post, now));
    const taken = await retrying(() => this.collections.posts.insertAll(records), this.retry);
    return Promise.all(
      posts.map((post, index) => (taken.has(index) ? this.contend(uid, post, now) : Promise.resolve(null))),
    );
  }

  /** What became of a key whose decision went against the post. */
  async lost(uid: string, { key }: KeyedPost): Promise<Verdict> {
    const found = await this.collections.posts.findOne({ _id: keyId(uid, key), uid });
    const known = found && (await this.ask(uid, found, key));
    return known === null || known === 'again' ? { kind: 'keyBusy' } : known;
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
    const known = await this.ask(uid, found, post.key);
    if (known !== null) return known;
    const { not = [] } = found;
    if (now - found.at.getTime() < PATIENCE_MS || not.length >= MAX_TAKEN) return { kind: 'keyBusy' };
    return this.takeOver(found, post, now);
  }

  /**
   * What the record of another post comes to; null when that post is on its way, and nobody knows how far. Whatever was
   * decided for it, or is now, is shown before anyone is told.
   */
  private async ask(uid: string, found: KeyDoc, key: ProducerKey): Promise<Verdict | 'again' | null> {
    const head = await this.collections.heads.findOne({ _id: uid });
    if (head === null || head.gone) return { kind: 'gone' };
    const isInLog = head.log.some(({ g }) => g.some(({ b }) => b === found.b));
    if (isInLog) await this.applier.apply(uid, head, null);
    if (found.first !== null) return receiptOf(found, found.first, key);
    return isInLog ? 'again' : null;
  }

  /**
   * Lets the post own the record unless it was decided or taken since. The post that had it is never shown, whenever it
   * comes, unless its window is over: then both are posts of their own.
   */
  private async takeOver(found: KeyDoc, post: KeyedPost, now: Millis): Promise<KeyVerdict | 'again'> {
    const { _id, uid, b, first, until, not = [] } = found;
    const { fp, b: batch, n, at, until: later } = record(uid, post, now);
    const taken = until.getTime() <= now ? not : [...not, b];
    const update = { $set: { fp, b: batch, n, first: null, at, until: later, not: taken } };
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
