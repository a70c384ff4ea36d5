import { Binary } from 'mongodb';
import { HoldState } from '../../../domain/life.js';
import type { Marker } from '../../../domain/marker.js';
import { parseMessageId } from '../../../domain/message-id.js';
import type { Millis } from '../../../domain/time.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import {
  UNNAMED_COPY_MS,
  type QueueCursor,
  type Transfer,
  type WholeKey,
  type WholeMessage,
  type WholeQueue,
} from '../../ports/index.js';
import type { Statement } from './collection.js';
import type { Collections } from './collections.js';
import { docOf, keyOf, recordOf } from './control-store.js';
import { FREE, STAGED, type KeyDoc, type MessageDoc, type QueueDoc } from './documents.js';
import { freshHead } from './heads.js';
import type { Applier } from './order/apply.js';
import { keyId } from './order/keys.js';
import { BY_MARKER, visibleAfter } from './queries.js';
import { fitsIn, holderOf, show } from './show.js';

/** Moves whole queues in and out, each write repeatable (the port tells the rules). */
export class MongoTransfer implements Transfer {
  constructor(
    private readonly collections: Omit<Collections, 'meta'>,
    private readonly applier: Applier,
    private readonly now: () => Millis,
  ) {}

  async queues(after: QueueCursor | null, limit: number): Promise<readonly WholeQueue[]> {
    const page: WholeQueue[] = [];
    let cursor = after;
    while (page.length < limit) {
      const docs = await this.named(cursor, limit - page.length);
      const last = docs.at(-1);
      if (last === undefined) break;
      page.push(...(await Promise.all(docs.map((doc) => this.wholeQueue(doc)))).filter((queue) => queue !== null));
      cursor = recordOf(last);
    }
    return page;
  }

  async messages(
    uid: string,
    after: Marker,
    limit: number,
    maxBytes: number,
    now: Millis,
  ): Promise<readonly WholeMessage[]> {
    const filter = visibleAfter(uid, after, now);
    const { fits } = fitsIn(maxBytes);
    const docs = await this.collections.messages.find(filter, { sort: BY_MARKER, limit, fits });
    return docs.map((doc) => wholeMessage(doc, now));
  }

  async keys(uid: string, after: WholeKey | null, limit: number, now: Millis): Promise<readonly WholeKey[]> {
    const beyond = after === null ? {} : { _id: { $gt: keyId(uid, after) } };
    const filter = { uid, ...beyond, first: { $gt: 0 }, until: { $gt: new Date(now) } };
    const docs = await this.collections.posts.find(filter, { sort: { _id: 1 }, limit });
    return docs.map(wholeKey);
  }

  /** The incarnation has no name yet, and is not to be taken for an orphan: it is dated ahead. */
  async putQueue({ ref: { uid }, nextMarker }: WholeQueue): Promise<void> {
    const openedAt = new Date(this.now() + UNNAMED_COPY_MS);
    await this.collections.heads.insertAll([freshHead(uid, openedAt, nextMarker - 1)]);
    await this.assertOpened(uid);
  }

  /** Staged first and then placed in order, so that what an interrupted call leaves visible is a beginning. */
  async putMessages(uid: string, messages: readonly WholeMessage[]): Promise<void> {
    await this.assertOpened(uid);
    await this.collections.messages.insertAll(messages.map((message) => stagedCopy(uid, message)));
    const place = messages.map(({ id, marker, state, due }): Statement => {
      const update = { $set: { k: marker, due: state === HoldState.FREE ? FREE : due } };
      return { kind: 'update', filter: { _id: id, uid, due: STAGED }, update };
    });
    await this.collections.messages.bulk(place, { ordered: true });
  }

  async putKeys(uid: string, keys: readonly WholeKey[]): Promise<void> {
    await this.assertOpened(uid);
    await this.collections.posts.insertAll(keys.map((key) => keyDoc(uid, key, this.now())));
  }

  async nameQueue({ project, name, ref, metadata, createdAt }: WholeQueue): Promise<boolean> {
    const { queues } = this.collections;
    const doc = { ...docOf(project, name, ref, createdAt), metadata: new Binary(metadata) };
    if ((await queues.insertAll([doc])).size === 0) return true;
    const present = await queues.findOne({ project: keyOf(project), name });
    return present?.uid === ref.uid;
  }

  private async assertOpened(uid: string): Promise<void> {
    const head = await this.collections.heads.findOne({ _id: uid });
    if (head?.gone !== false) throw new MarconiError('STORAGE_UNAVAILABLE', `The incarnation ${uid} is fenced.`);
  }

  /** Names of queues in their order, after that one. */
  private async named(after: QueueCursor | null, limit: number): Promise<readonly QueueDoc[]> {
    const { queues } = this.collections;
    const sort = { project: 1, name: 1 } as const;
    if (after === null) return queues.find({}, { sort, limit });
    const project = keyOf(after.project);
    const same = await queues.find({ project, name: { $gt: after.name } }, { sort: { name: 1 }, limit });
    if (same.length === limit) return same;
    const rest = await queues.find({ project: { $gt: project } }, { sort, limit: limit - same.length });
    return [...same, ...rest];
  }

  /** Null for a queue whose incarnation is fenced: its name is about to go. */
  private async wholeQueue(doc: QueueDoc): Promise<WholeQueue | null> {
    const head = await this.collections.heads.findOne({ _id: doc.uid });
    if (head === null || head.gone) return null;
    if (head.log.length > 0) {
      await this.applier.apply(doc.uid, head, null);
      await this.applier.tidy(doc.uid, head, null);
    }
    return { ...recordOf(doc), nextMarker: Number(head.next) + 1 };
  }
}

function wholeMessage(doc: MessageDoc, now: Millis): WholeMessage {
  const claim = holderOf(doc, now);
  const whole = { ...show(doc), poster: doc.po };
  if (claim === null) return { ...whole, state: HoldState.FREE, due: FREE, hold: null };
  const hold = { claim, ttl: doc.ct ?? 0, since: doc.cs?.getTime() ?? 0 };
  return { ...whole, state: HoldState.CLAIMED, due: doc.due, hold };
}

/** A message comes alone: of its post only its own place is known, so that it counts as the last one there. */
function stagedCopy(uid: string, message: WholeMessage): MessageDoc {
  const i = parseMessageId(message.id)?.index ?? 0;
  const { id: _id, ttl, epoch: ep, attempt: tries, hold, body } = message;
  const held = hold === null ? {} : { cl: hold.claim, ct: hold.ttl, cs: new Date(hold.since) };
  const times = { exp: new Date(message.expires * 1000), at: new Date(message.postedAt), ttl };
  const facts = { _id, uid, k: _id, due: STAGED, i, n: i + 1, ...times, po: message.poster, type: message.contentType };
  return { ...facts, ep, tries, ...held, size: body.byteLength, body: new Binary(body) };
}

function wholeKey({ producer, sequence, fp, b, n, first, until }: KeyDoc): WholeKey {
  const receipt = { batch: b, first: Number(first), count: n };
  return { producer, sequence, fingerprint: fp, ...receipt, until: until.getTime() / 1000 };
}

function keyDoc(uid: string, key: WholeKey, now: Millis): KeyDoc {
  const { producer, sequence, fingerprint: fp, batch: b, count: n, first, until } = key;
  return {
    _id: keyId(uid, key),
    uid,
    producer,
    sequence,
    fp,
    b,
    n,
    first,
    at: new Date(now),
    until: new Date(until * 1000),
  };
}
