import { Binary } from 'mongodb';
import { formatMessageId } from '../../../../domain/message-id.js';
import type { Marker } from '../../../../domain/marker.js';
import { tickAfter, type Millis } from '../../../../domain/time.js';
import type { Gone, MessageOutcomes, PostOp } from '../../../ports/index.js';
import type { Collections } from '../collections.js';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { STAGED, type LogItem, type MessageDoc } from '../documents.js';
import { inParts } from '../queries.js';
import { failureHalfWay, halfWay } from '../errors.js';
import { RETRY, retrying, type RetryDeps } from '../retrying.js';
import { discardPost, type Applier } from './apply.js';
import { keyId, Keys, type KeyedPost } from './keys.js';
import { upTo } from './positions.js';
import { Pusher, type Pushed, type PusherDeps } from './push.js';

type PostOutcome = MessageOutcomes['post'] | Gone;

/** What posting needs beside the collections. */
export interface PosterDeps extends Pick<PusherDeps, 'nonce' | 'maxLog'> {
  /** Runs what nobody waits for; what fails is left to the next sweep. */
  readonly background: (work: () => Promise<void>) => void;
  readonly retry?: RetryDeps;
}

const GONE: Gone = { kind: 'gone' };

/**
 * Posts to one queue, many at once, from any number of cores: stage the messages where nobody sees them (S1), make the
 * posts part of the queue in one step on its head (S2), give the messages their markers in order (S3), acknowledge,
 * and take the posts out of the log (S4). Killed or paused anywhere, no post is ever seen in part or out of order.
 */
export class Poster {
  private readonly keys: Keys;
  private readonly pusher: Pusher;
  private readonly retry: RetryDeps;
  /** Pushes that are applied and not yet tidied, by queue: the next post of this core need not apply them again. */
  private readonly applied = new Map<string, Set<string>>();

  constructor(
    private readonly collections: Pick<Collections, 'heads' | 'messages' | 'posts'>,
    private readonly applier: Applier,
    private readonly deps: PosterDeps,
  ) {
    this.retry = deps.retry ?? RETRY;
    this.keys = new Keys(collections, applier, this.retry);
    this.pusher = new Pusher(collections.heads, applier, { ...deps, pause: this.retry.pause });
  }

  /** Stores the posts in their order; an outcome for each. All are visible to a majority when it resolves. */
  async post(uid: string, ops: readonly PostOp[], now: Millis): Promise<readonly PostOutcome[]> {
    const twins = new Twins(uid, ops);
    const refused = await this.prepare(uid, twins.originals, now);
    const going = twins.originals.filter((op) => !refused.has(op));
    const isGone = [...refused.values()].some(({ kind }) => kind === 'gone');
    const placed = isGone ? null : await this.place(uid, going, now);
    if (placed === null) {
      // Awaited: the same posts come again at once, to the incarnation that took this one's place.
      await this.discard(uid, twins.originals);
      return ops.map(() => GONE);
    }
    this.deps.background(() => this.discard(uid, [...refused.keys()]));
    const lost = await halfWay(() => this.lost(uid, going.filter((op) => !placed.has(op)).filter(isKeyed)));
    const outcomes = new Map<PostOp, PostOutcome>([...refused, ...placed, ...lost]);
    return ops.map((op) => twins.outcome(op, (original) => outcomes.get(original) as PostOutcome));
  }

  /** What the posts came to whose key went to others before they were shown. */
  private lost(uid: string, ops: readonly KeyedPost[]): Promise<(readonly [PostOp, PostOutcome])[]> {
    return Promise.all(ops.map(async (op) => [op, await this.keys.lost(uid, op)] as const));
  }

  /** Stages the posts and takes their keys, side by side; the posts that are not to go on, and what they came to. */
  private async prepare(uid: string, ops: readonly PostOp[], now: Millis): Promise<Map<PostOp, PostOutcome>> {
    const keyed = ops.filter(isKeyed);
    const [verdicts] = await Promise.all([
      this.keys.take(uid, keyed, now),
      this.stage(
        uid,
        ops.flatMap((op) => staged(uid, op, now)),
      ),
    ]);
    const refused = new Map<PostOp, PostOutcome>();
    keyed.forEach((op, index) => {
      const verdict = verdicts[index] ?? null;
      if (verdict !== null) refused.set(op, verdict);
    });
    return refused;
  }

  private async stage(uid: string, docs: readonly MessageDoc[]): Promise<void> {
    const { messages } = this.collections;
    const taken = await retrying(() => messages.insertAll(docs), this.retry);
    if (taken.size === 0) return;
    // A try whose answer was lost had stored them; anyone else's would be a fault.
    const ids = [...taken].flatMap((index) => docs[index]?._id ?? []);
    const own = await inParts(ids, (part) =>
      messages.find({ uid, _id: { $in: part } }, { limit: part.length, fields: { _id: 1 } }),
    );
    if (own.length < ids.length) throw new MarconiError('INTERNAL', 'A message id is taken by another queue.');
  }

  /** Makes the staged posts visible; those whose key another post owns are left out; null when the queue is gone. */
  private async place(uid: string, ops: readonly PostOp[], now: Millis): Promise<Map<PostOp, PostOutcome> | null> {
    if (ops.length === 0) return new Map();
    const items = ops.map(({ batch: b, messages, key }): LogItem => ({
      b,
      n: messages.length,
      key: key && keyId(uid, key),
    }));
    const pushed = await this.pusher.push(uid, items, now);
    if (pushed === null) return null;
    const bases = await halfWay(() => this.apply(uid, pushed));
    const outcomes = new Map<PostOp, PostOutcome>();
    for (const op of ops) {
      const base = bases.get(op.batch);
      if (base === undefined) continue;
      const first = pushed.doubt === null ? base + 1 : await this.firstMarker(uid, op, pushed.doubt);
      outcomes.set(op, { kind: 'posted', batch: op.batch, first, count: op.messages.length, duplicate: false });
    }
    return outcomes;
  }

  /** Applies the log up to the push and lets it be tidied; the marker before each applied post, by batch. */
  private async apply(uid: string, { head, push }: Pushed): Promise<ReadonlyMap<string, Marker>> {
    const placed = await this.applier.apply(uid, head, push, this.applied.get(uid));
    const pushes = new Set(upTo(head, push).map((post) => post.push));
    this.applied.set(uid, pushes);
    this.deps.background(async () => {
      await this.applier.tidy(uid, head, push);
      if (this.applied.get(uid) === pushes) this.applied.delete(uid);
    });
    return new Map(placed.map(({ item, base }) => [item.b, base]));
  }

  /** The marker that the first message really has: an earlier push may have placed it, and a taker had it since. */
  private async firstMarker(uid: string, { batch }: PostOp, doubt: unknown): Promise<Marker> {
    const { messages } = this.collections;
    const found = await halfWay(() => messages.findOne({ _id: formatMessageId(batch, 0), uid }));
    if (typeof found?.k === 'number') return found.k;
    throw failureHalfWay(doubt);
  }

  /** Deletes staged messages that will not be pushed; what a crash leaves of them goes with their life's end. */
  private async discard(uid: string, ops: readonly PostOp[]): Promise<void> {
    const statements = ops.flatMap(({ batch, messages }) => discardPost(uid, batch, messages.length));
    await this.collections.messages.bulk(statements, { ordered: false });
  }
}

/** Posts that meet under one key: only the first goes on, the others get what it came to. */
class Twins {
  readonly originals: readonly PostOp[];
  private readonly firstOf = new Map<string, PostOp>();

  constructor(
    private readonly uid: string,
    ops: readonly PostOp[],
  ) {
    for (const op of ops.filter(isKeyed)) if (!this.firstOf.has(this.name(op))) this.firstOf.set(this.name(op), op);
    this.originals = ops.filter((op) => this.original(op) === op);
  }

  outcome(op: PostOp, outcomeOf: (original: PostOp) => PostOutcome): PostOutcome {
    const original = this.original(op);
    const outcome = outcomeOf(original);
    if (op === original || outcome.kind !== 'posted') return outcome;
    const same = op.key?.fingerprint === original.key?.fingerprint;
    return same ? { ...outcome, duplicate: true } : { kind: 'keyReused' };
  }

  private original(op: PostOp): PostOp {
    return isKeyed(op) ? (this.firstOf.get(this.name(op)) ?? op) : op;
  }

  private name({ key }: KeyedPost): string {
    return keyId(this.uid, key);
  }
}

function isKeyed(op: PostOp): op is KeyedPost {
  return op.key !== null;
}

function staged(uid: string, { batch, poster: po, messages }: PostOp, now: Millis): readonly MessageDoc[] {
  return messages.map(({ body, contentType: type, ttl }, i) => {
    const _id = formatMessageId(batch, i);
    const exp = new Date(tickAfter(now, ttl) * 1000);
    const facts = { _id, uid, k: _id, due: STAGED, exp, i, n: messages.length, ttl, at: new Date(now), po, type };
    return { ...facts, ep: 0, tries: 0, size: body.byteLength, body: new Binary(body) };
  });
}
