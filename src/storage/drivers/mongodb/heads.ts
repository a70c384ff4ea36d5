import { Long } from 'mongodb';
import type { Millis } from '../../../domain/time.js';
import type { Gone, MessageOutcomes, OpenQueue } from '../../ports/index.js';
import type { Collections } from './collections.js';

/** The life of incarnations: opened, fenced, found. */
export class Heads {
  constructor(private readonly heads: Collections['heads']) {}

  /** Makes the incarnation ready for messages; a repeat changes nothing, a fenced one stays fenced. */
  async open(uid: string, now: Millis): Promise<MessageOutcomes['open'] | Gone> {
    const fresh = { ...empty(now), gone: false, at: 0 };
    const result = await this.heads.updateOne({ _id: uid }, { $setOnInsert: fresh }, { upsert: true });
    if (result === 'made') return { kind: 'opened' };
    const head = await this.heads.findOne({ _id: uid });
    return head === null || head.gone ? { kind: 'gone' } : { kind: 'opened' };
  }

  /** Ends the incarnation: whatever asks its head from now on finds it gone. */
  async fence(uid: string, now: Millis): Promise<MessageOutcomes['fence']> {
    const { next, openedAt } = empty(now);
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

function empty(now: Millis) {
  // A 64-bit counter from the first: markers go up to 2^53.
  return { next: Long.ZERO, log: [], v: 0, openedAt: new Date(now) };
}
