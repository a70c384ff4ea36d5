import type { Collections } from '../collections.js';
import type { Interests } from './interests.js';

/** Queues that one look asks for at the most; with more, each is looked at more seldom. */
export const QUEUES_A_LOOK = 500;

/** Sees changes by reading heads again and again: for servers without change streams. */
export class HeadPoll {
  private seen = new Map<string, number>();
  private turn = 0;

  constructor(
    private readonly heads: Collections['heads'],
    private readonly interests: Interests,
  ) {}

  /** Reads the heads of the queues whose turn it is, in one command, and tells of those that changed since. */
  async look(): Promise<void> {
    const uids = this.interests.uids();
    if (uids.length === 0) return;
    const part = this.part(uids);
    const filter = { _id: { $in: part } };
    const heads = await this.heads.find(filter, { limit: part.length, fields: { v: 1 } });
    const known = this.seen;
    const current = new Set(uids);
    this.seen = new Map([...known].filter(([uid]) => current.has(uid)));
    for (const { _id, v } of heads) {
      this.seen.set(_id, v);
      // Seen for the first time: it may have changed between the interest and this look.
      if (known.get(_id) !== v) this.interests.tell(_id);
    }
  }

  private part(uids: readonly string[]): readonly string[] {
    if (uids.length <= QUEUES_A_LOOK) return uids;
    const from = this.turn % uids.length;
    this.turn = from + QUEUES_A_LOOK;
    return [...uids, ...uids].slice(from, from + QUEUES_A_LOOK);
  }
}
