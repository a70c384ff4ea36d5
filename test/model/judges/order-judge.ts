import { parseMessageId } from '../../../src/domain/message-id.js';
import type { StoredMessage } from '../../../src/storage/ports/index.js';
import type { HeadDoc, KeyDoc, MessageDoc } from '../../../src/storage/drivers/mongodb/documents.js';
import { digest, EMPTY, plus } from '../explore/digest.js';
import type { Write } from '../store/database.js';
import { promise } from './violation.js';

/** A post as its producer knows it, and what became of it. */
interface Known {
  readonly uid: string;
  readonly count: number;
  readonly key: string | null;
  /** The markers that its messages were given, by their index. */
  readonly markers: Map<number, number>;
  committed: boolean;
  refused: boolean;
}

/**
 * Sees every write, and judges order: markers rise (P3), are given once, follow each other within a post (P2), and stay;
 * a post that was refused is never seen; under one producer key there is one post.
 */
export class OrderJudge {
  /** Every message that ever was visible, by queue, in the order in which they became so. */
  private readonly placed = new Map<string, string[]>();
  private readonly last = new Map<string, number>();
  private readonly posts = new Map<string, Known>();
  private readonly owners = new Map<string, string>();
  private readonly gone = new Set<string>();
  private content = EMPTY;

  /** @param consumes true when messages may be deleted in this world */
  constructor(private readonly consumes: boolean) {}

  /** What was seen so far, as far as the future is judged by it. */
  state(): string {
    const posts = [...this.posts].map(([name, { committed, refused }]) => `${name}${committed}${refused}`);
    return `${this.content.join()}${posts.sort().join()}`;
  }

  /** A producer is about to post. */
  begun(uid: string, batch: string, count: number, key: string | null): void {
    const post: Known = { uid, count, key, markers: new Map(), committed: false, refused: false };
    this.posts.set(nameOf(uid, batch), post);
  }

  /** A producer was told that its post is stored; `batch` as the receipt names it. */
  posted(uid: string, batch: string, first: number, count: number): void {
    // Its messages may be freed before they are seen: it was posted before the deletion.
    if (this.gone.has(uid)) return;
    const post = this.posts.get(nameOf(uid, batch));
    promise(post?.count === count, `the receipt names ${count} messages of ${batch}`);
    for (let index = 0; index < count; index++) {
      const marker = post?.markers.get(index);
      promise(marker !== undefined, `${batch}-${index} is acknowledged and was never visible`);
      promise(marker === first + index, `${batch}-${index} is acknowledged at ${first + index} and lies at ${marker}`);
    }
  }

  /** A producer was told that nothing was stored. */
  refused(uid: string, batch: string): void {
    const post = this.posts.get(nameOf(uid, batch));
    if (post === undefined) return;
    promise(post.markers.size === 0, `${batch} is refused and visible`);
    post.refused = true;
  }

  watch({ name, before, after }: Write): void {
    if (name === 'messages') this.message(before as MessageDoc | null, after as MessageDoc | null);
    if (name === 'heads' && after !== null) this.head(after as unknown as HeadDoc);
  }

  /** Judges a page that a reader was given, after what it had seen of the queue before; all that it has seen then. */
  page(uid: string, seen: readonly string[], page: readonly StoredMessage[], isCut: boolean): readonly string[] {
    const all = [...seen, ...page.map(({ id }) => id)];
    const queue = this.placed.get(uid) ?? [];
    all.forEach((id, at) => promise(queue[at] === id, `the reader sees ${id} where ${queue[at] ?? 'nothing'} is`));
    const last = page.length === 0 ? seen.at(-1) : page.at(-1)?.id;
    promise((isCut && page.length > 0) || this.isWhole(uid, last), `the reader sees ${last}, not the rest of its post`);
    return all;
  }

  /** Judges the end: sweeping has been, so that what is part of a queue is visible, whole, and in no log. */
  end(heads: readonly HeadDoc[], records: readonly KeyDoc[]): void {
    for (const { gone, log, _id } of heads) promise(gone || log.length === 0, `the log of ${_id} is not empty`);
    const lost = new Set(records.flatMap(({ uid, not = [] }) => not.map((batch) => nameOf(uid, batch))));
    for (const [name, { uid, count, markers, committed }] of this.posts) {
      if (this.gone.has(uid)) continue;
      promise(markers.size === 0 || markers.size === count, `${name} is visible in part`);
      const isDue = committed && !lost.has(name);
      promise(!isDue || markers.size === count, `${name} is part of its queue and was never visible`);
    }
  }

  private isWhole(uid: string, id: string | undefined): boolean {
    const parts = parseMessageId(id ?? '');
    return parts === null || parts.index === (this.posts.get(nameOf(uid, parts.batch))?.count ?? 0) - 1;
  }

  private head({ _id, log, gone }: HeadDoc): void {
    if (gone) this.gone.add(_id);
    for (const { b } of log.flatMap(({ g }) => g)) {
      const post = this.posts.get(nameOf(_id, b));
      if (post !== undefined) post.committed = true;
    }
  }

  private message(before: MessageDoc | null, after: MessageDoc | null): void {
    const [had, has] = [before?.k, after?.k];
    if (typeof had !== 'number') {
      if (after !== null && typeof has === 'number') this.place(after, has);
    } else if (after === null) promise(this.consumes, `${before?._id} was visible and is deleted`);
    else promise(had === has, `the marker of ${after._id} changes from ${had} to ${has}`);
  }

  private place({ _id: id, uid }: MessageDoc, marker: number): void {
    // Its rows are being freed, and nobody is shown any of them.
    if (this.gone.has(uid)) return;
    const last = this.last.get(uid) ?? 0;
    promise(marker > last, `${id} becomes visible at ${marker}, behind a reader that has seen ${last}`);
    this.last.set(uid, marker);
    const { batch, index } = parseMessageId(id) ?? { batch: '', index: 0 };
    const post = this.posts.get(nameOf(uid, batch));
    if (post === undefined) throw new Error(`Nobody posted ${id}.`);
    const first = post.markers.get(0) ?? marker;
    promise(index === 0 || marker === first + index, `${id} lies at ${marker}, its first message at ${first}`);
    promise(!post.refused, `${batch} was refused and becomes visible`);
    if (post.key !== null) this.own(post.key, batch);
    post.markers.set(index, marker);
    this.placed.set(uid, [...(this.placed.get(uid) ?? []), id]);
    this.content = plus(this.content, digest(`${uid}${id}@${marker}`));
  }

  private own(key: string, batch: string): void {
    const owner = this.owners.get(key) ?? batch;
    promise(owner === batch, `${batch} becomes visible, and ${owner} has its key`);
    this.owners.set(key, owner);
  }
}

function nameOf(uid: string, batch: string): string {
  return `${uid}/${batch}`;
}
