import { currentTick, type Millis } from '../../../domain/time.js';
import type { SweepReport } from '../../ports/index.js';
import type { Statement } from './collection.js';
import type { Collections } from './collections.js';
import { FREE, type HeadDoc } from './documents.js';
import type { EndedTicks } from './ended-ticks.js';
import type { Applier } from './order/apply.js';
import { FACTS } from './queries.js';

/**
 * A log older than this is completed by whoever finds it: its poster is dead or slow. Milliseconds; with up to 1.5 s
 * from one round of a core to its next, what a dead core leaves is shown within 2 s although a single other one lives.
 */
const RECOVER_AFTER_MS = 400;

/** Heads looked at in one round. */
const HEADS = 64;

/** Queues whose ended claims are looked for in one round. */
const QUEUES = 32;

/** Seconds after its end that a claim is let go: its holder's clock may be behind. */
const RELEASE_AFTER_TICKS = 2;

/** How long the head of a freed queue stays, so that a late write still finds it gone. Milliseconds. */
const TOMBSTONE_MS = 24 * 3_600_000;

/** Frees what is over, and completes what a crashed or paused core has begun. Every core does it; repeats change nothing. */
export class Sweeping {
  private turn = 0;

  constructor(
    private readonly collections: Pick<Collections, 'heads' | 'messages' | 'posts'>,
    private readonly applier: Applier,
    private readonly ended: EndedTicks,
  ) {}

  /** One round that touches at most about `budget` documents. */
  async sweep(now: Millis, budget: number): Promise<SweepReport> {
    await this.recover(now);
    const parts = [await this.free(now, budget), await this.expired(now, budget), await this.released(now, budget)];
    parts.push(await this.keys(now, budget));
    return { freed: parts.reduce((sum, part) => sum + part, 0), more: parts.some((part) => part >= budget) };
  }

  /** Completes posts that are part of their queue and do not have their markers yet. */
  private async recover(now: Millis): Promise<void> {
    const filter = { gone: false, at: { $gt: 0, $lte: now - RECOVER_AFTER_MS } };
    const heads = await this.collections.heads.find(filter, { sort: { at: 1 }, limit: HEADS });
    for (const head of heads) {
      await this.applier.apply(head._id, head, null);
      await this.applier.tidy(head._id, head, null);
    }
  }

  /** Frees the rows of fenced queues. */
  private async free(now: Millis, budget: number): Promise<number> {
    const filter = { gone: true, at: { $gt: 0, $lte: now } };
    const heads = await this.collections.heads.find(filter, { sort: { at: 1 }, limit: HEADS });
    let freed = 0;
    for (const head of heads) {
      if (freed >= budget) break;
      freed += await this.freeOne(head, now, budget - freed);
    }
    return freed;
  }

  private async freeOne({ _id: uid, at }: HeadDoc, now: Millis, budget: number): Promise<number> {
    const { heads, messages, posts } = this.collections;
    const ids = (await messages.find({ uid }, { limit: budget, fields: { _id: 1 } })).map(({ _id }) => _id);
    if (ids.length > 0) await messages.deleteAll({ uid, _id: { $in: ids } });
    const keys = (await posts.find({ uid }, { limit: budget, fields: { _id: 1 } })).map(({ _id }) => _id);
    if (keys.length > 0) await posts.deleteAll({ uid, _id: { $in: keys } });
    const freed = ids.length + keys.length;
    // One that has more waits behind the others.
    const next = freed >= budget ? { at: Math.max(now, at + 1) } : { at: 0, forget: new Date(now + TOMBSTONE_MS) };
    await heads.updateOne({ _id: uid, gone: true }, { $set: next });
    return freed;
  }

  private async expired(now: Millis, budget: number): Promise<number> {
    const { messages } = this.collections;
    const exp = { $lte: new Date(now) };
    const over = await messages.find({ exp }, { sort: { exp: 1 }, limit: budget, fields: { _id: 1, uid: 1 } });
    const statements = over.map(({ _id, uid }): Statement => ({ kind: 'delete', filter: { _id, uid, exp } }));
    return (await messages.bulk(statements, { ordered: false })).deleted;
  }

  /** Lets go of messages whose claim has ended, in queues that this core takes from, a few of them in each round. */
  private async released(now: Millis, budget: number): Promise<number> {
    const tick = currentTick(now) - RELEASE_AFTER_TICKS;
    const queues = this.ended.queues();
    const part = Array.from({ length: Math.min(QUEUES, queues.length) }, () => queues[this.turn++ % queues.length]);
    let freed = 0;
    for (const uid of part as readonly string[]) {
      if (freed >= budget) break;
      freed += await this.releaseOne(uid, tick, budget - freed);
    }
    return freed;
  }

  private async releaseOne(uid: string, tick: number, limit: number): Promise<number> {
    const { messages } = this.collections;
    const filter = { uid, due: { $gt: FREE, $lte: tick } };
    const over = await messages.find(filter, { sort: { due: 1, k: 1 }, limit, fields: FACTS });
    const statements = over.map(({ _id, ep, due }): Statement => {
      const update = { $set: { due: FREE }, $unset: { cl: '', ct: '', cs: '' } };
      return { kind: 'update', filter: { _id, uid, ep, due }, update };
    });
    return (await messages.bulk(statements, { ordered: false })).matched;
  }

  private async keys(now: Millis, budget: number): Promise<number> {
    const { posts } = this.collections;
    const until = { $lte: new Date(now) };
    const over = await posts.find({ until }, { sort: { until: 1 }, limit: budget, fields: { _id: 1, uid: 1 } });
    const statements = over.map(({ _id, uid }): Statement => ({ kind: 'delete', filter: { _id, uid, until } }));
    return (await posts.bulk(statements, { ordered: false })).deleted;
  }
}
