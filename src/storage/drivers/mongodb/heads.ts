import { Long } from 'mongodb';
import type { Marker } from '../../../domain/marker.js';
import type { Millis } from '../../../domain/time.js';
import type { Gone, MessageOutcomes, OpenQueue } from '../../ports/index.js';
import type { Collections } from './collections.js';
import type { HeadDoc } from './documents.js';

/** The life of incarnations: opened, fenced, found. */
export class Heads {
  constructor(private readonly heads: Collections['heads']) {}

  /** Makes the incarnation ready for messages; a repeat changes nothing, a fenced one stays fenced. */
  async open(uid: string, now: Millis): Promise<MessageOutcomes['open'] | Gone> {
    const taken = await this.heads.insertAll([freshHead(uid, new Date(now))]);
    if (taken.size === 0) return { kind: 'opened' };
    const head = await this.heads.findOne({ _id: uid });
    return head === null || head.gone ? { kind: 'gone' } : { kind: 'opened' };
  }

  /** Ends the incarnation: whatever asks its head from now on finds it gone. */
  async fence(uid: string, now: Millis): Promise<MessageOutcomes['fence']> {
    const { next, openedAt } = freshHead(uid, new Date(now));
    const end = { $set: { gone: true, at: now, log: [] }, $inc: { v: 1 }, $setOnInsert: { next, openedAt } };
    await this.heads.updateOne({ _id: uid }, end, { upsert: true });
    return { kind: 'fenced' };
  }

  /** Opened incarnations in order, after the given one. */
  async openQueues(after: string, limit: number): Promise<readonly OpenQueue[]> {
    const filter = { gone: false, _id: { $gt: after } };
    const heads = await this.heads.find(filter, { sort: { _id: 1 }, limit, fields: { log: 0 } });
    return heads.map(({ _id, openedAt }) => ({ uid: _id, openedAt: openedAt.getTime() }));
  }

  /** Tells waiters on other cores that something came free. */
  async stir(uid: string): Promise<void> {
    await this.heads.updateOne({ _id: uid, gone: false }, { $inc: { v: 1 } });
  }
}

/** The head of an incarnation in which so many markers are given out. */
export function freshHead(uid: string, openedAt: Date, given: Marker = 0): HeadDoc {
  // A 64-bit counter from the first: markers go up to 2^53. It comes back as a number.
  const next = Long.fromNumber(given) as unknown as number;
  return { _id: uid, gone: false, next, log: [], v: 0, at: 0, openedAt };
}
