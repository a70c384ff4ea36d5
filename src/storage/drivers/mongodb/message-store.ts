import { randomBytes } from 'node:crypto';
import type { Millis } from '../../../domain/time.js';
import type { MarconiError } from '../../../errors/marconi-error.js';
import type {
  Batch,
  ClaimFound,
  Gone,
  MessageOutcome,
  MessagePage,
  MessagePageQuery,
  MessageStore,
  MessagesById,
  OpenQueue,
  QueueRef,
  QueueStats,
  StorageObserver,
  SweepReport,
} from '../../ports/index.js';
import type { Collections } from './collections.js';
import { EndedTicks } from './ended-ticks.js';
import { Heads } from './heads.js';
import { Readers } from './listing.js';
import { Applier } from './order/apply.js';
import { Poster } from './order/post.js';
import { WholePosts } from './order/whole-posts.js';
import { runsOf, type OpOf, type Run } from './runs.js';
import { Settlers } from './settling/settlers.js';
import { Statistics } from './statistics.js';
import { Sweeping } from './sweeping.js';
import { Takers } from './taking.js';

/** What the message store needs beside its collections. */
export interface MessageStoreDeps {
  /** Null when messages may be taken; else why not: without a clock that is known well enough no claim may end. */
  readonly mayTake?: () => MarconiError | null;
  readonly observer?: StorageObserver | undefined;
}

/** Messages and claims on MongoDB, by steps on single documents alone (docs/adr, order on MongoDB). */
export class MongoMessageStore implements MessageStore {
  private readonly heads: Heads;
  private readonly poster: Poster;
  private readonly takers: Takers;
  private readonly settlers: Settlers;
  private readonly readers: Readers;
  private readonly statistics: Statistics;
  private readonly sweeping: Sweeping;
  /** What nobody waits for, until it is done. */
  private readonly background = new Set<Promise<void>>();

  constructor(
    collections: Collections,
    private readonly deps: MessageStoreDeps = {},
  ) {
    const { heads, messages } = collections;
    const applier = new Applier(collections);
    const whole = new WholePosts(collections);
    const ended = new EndedTicks(messages);
    this.heads = new Heads(heads);
    this.poster = new Poster(collections, applier, { nonce, background: (work) => this.inBackground(work) });
    this.takers = new Takers(messages, { whole, ended, nonce });
    this.settlers = new Settlers(messages, whole, ended);
    this.readers = new Readers(messages, whole, ended);
    this.statistics = new Statistics(messages, whole);
    this.sweeping = new Sweeping(collections, applier, ended);
  }

  /** As the port says: run by run of alike steps. */
  async apply(batch: Batch): Promise<readonly MessageOutcome[]> {
    const started = performance.now();
    const outcomes: MessageOutcome[] = [];
    for (const run of runsOf(batch.ops)) outcomes.push(...(await this.run(run, batch)));
    this.deps.observer?.committed(batch.ops.length, performance.now() - started);
    return outcomes;
  }

  sweep(now: Millis, budget: number): Promise<SweepReport> {
    return this.sweeping.sweep(now, budget);
  }

  list(query: MessagePageQuery): Promise<MessagePage | Gone> {
    return this.readers.list(query);
  }

  getMany({ uid }: QueueRef, ids: readonly string[], maxBytes: number, now: Millis): Promise<MessagesById | Gone> {
    return this.readers.getMany(uid, ids, maxBytes, now);
  }

  getClaim(
    { uid }: QueueRef,
    claim: string,
    maxBytes: number,
    now: Millis,
  ): Promise<ClaimFound | { readonly kind: 'unknown' } | Gone> {
    return this.readers.getClaim(uid, claim, maxBytes, now);
  }

  stats({ uid }: QueueRef, now: Millis): Promise<QueueStats | Gone> {
    return this.statistics.stats(uid, now);
  }

  openQueues(after: string, limit: number): Promise<readonly OpenQueue[]> {
    return this.heads.openQueues(after, limit);
  }

  /** Resolves when what nobody waits for is done. */
  async settled(): Promise<void> {
    while (this.background.size > 0) await Promise.all(this.background);
  }

  private async run({ family, uid, ops }: Run, { now, skew = 0 }: Batch): Promise<readonly MessageOutcome[]> {
    switch (family) {
      case 'open':
        return [await this.heads.open(uid, now)].flatMap((outcome) => ops.map(() => outcome));
      case 'fence':
        return [await this.heads.fence(uid, now)].flatMap((outcome) => ops.map(() => outcome));
      case 'post':
        return this.poster.post(uid, ops as readonly OpOf<'post'>[], now);
      case 'take':
        return this.take(uid, ops as readonly OpOf<'take'>[], now, skew);
      case 'settle':
        return this.settle(uid, ops as readonly OpOf<'settle'>[], now);
    }
  }

  private take(uid: string, ops: readonly OpOf<'take'>[], now: Millis, skew: Millis) {
    const refusal = this.deps.mayTake?.() ?? null;
    if (refusal !== null) throw refusal;
    return this.takers.take(uid, ops, now, skew);
  }

  private async settle(uid: string, ops: readonly OpOf<'settle'>[], now: Millis) {
    const outcomes = await this.settlers.settle(uid, ops, now);
    const released = outcomes.some((outcome) => outcome.kind === 'released' && outcome.count > 0);
    if (released) this.inBackground(() => this.heads.stir(uid));
    return outcomes;
  }

  private inBackground(work: () => Promise<void>): void {
    // What fails here is done by the next sweep, of this core or another.
    const done: Promise<void> = work()
      .catch(() => undefined)
      .finally(() => this.background.delete(done));
    this.background.add(done);
  }
}

function nonce(): string {
  return randomBytes(12).toString('base64url');
}
