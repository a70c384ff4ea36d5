import { MarconiError } from '../../errors/marconi-error.js';
import type { Tick } from '../../domain/time.js';
import type { Gone, QueueRef, StoredClaim } from '../../storage/ports/index.js';
import type { CallContext } from '../api.js';
import { freeingAt, type Claimer, type TakeOutcome } from '../claims/claimer.js';
import type { ClaimHolder } from '../claims/settlements.js';
import { jittered } from '../jitter.js';
import type { EngineParts } from '../parts.js';
import type { FeedOptions } from '../stream-api.js';
import { burstAfter } from './burst.js';
import { HeldClaims } from './held-claims.js';

/** Before a queue that does not exist is looked for again, and after a failure; on average. */
const PAUSE_MS = 2_000;

/** What a lane works with. */
export interface FeedLaneDeps extends Pick<
  EngineParts,
  'storage' | 'directory' | 'timers' | 'random' | 'waiters' | 'settlements'
> {
  readonly claimer: Claimer;
}

/** Whose lane it is, of which queue, and how many claims it may have under way. */
export interface FeedLaneOf {
  readonly ctx: CallContext;
  readonly queue: string;
  readonly most: number;
}

/** What a lane asks of its feed. */
export interface FeedDesk {
  /** So many messages may be claimed, set aside in turn; 0 when the feed is over. */
  take(): Promise<number>;
  /** The same at once, or 0. */
  tryTake(): number;
  /** What was set aside is not any more: it is held, or was not needed. */
  giveBack(messages: number): void;
  /** Messages are no longer held. */
  freed(): void;
  claimed(queue: string, claim: StoredClaim): void;
  troubled(queue: string, error: MarconiError): void;
}

/**
 * Claims from one queue of a feed. It stands in the queue's line only while it tries or has nothing to take: woken
 * when the feed has no room it leaves, so that the news goes to whoever is next, and comes back when its turn comes.
 */
export class FeedLane implements ClaimHolder {
  readonly held: HeldClaims;
  /** Each lane has a signal of its own: a feed may have many, and Node.js warns of one that many listen to. */
  private readonly controller = new AbortController();
  private readonly helpers = new Set<Promise<void>>();

  constructor(
    private readonly deps: FeedLaneDeps,
    private readonly of: FeedLaneOf,
    private readonly options: FeedOptions,
    private readonly desk: FeedDesk,
  ) {
    this.held = new HeldClaims(Infinity, (claim) => deps.settlements.forget(claim));
  }

  /** Claims no more, and ends its wait. */
  end(): void {
    this.controller.abort();
  }

  /** Claims until it is ended, through every incarnation of the queue. Never rejects. */
  async run(): Promise<void> {
    const { ctx, queue } = this.of;
    while (!this.over.aborted) {
      try {
        await this.deps.directory.use(ctx.scope, queue, (ref) => this.claimAll(ref));
      } catch (thrown) {
        this.desk.troubled(queue, MarconiError.from(thrown));
      }
      await Promise.all(this.helpers);
      await this.pause();
    }
  }

  private get over(): AbortSignal {
    return this.controller.signal;
  }

  settled(claim: string, ids: readonly string[]): void {
    this.held.settled(claim, ids);
    this.desk.freed();
  }

  renewed(claim: string, ends: Tick): void {
    this.held.renewed(claim, ends);
  }

  ended(claim: string): void {
    this.held.remove(claim);
    this.desk.freed();
  }

  /** Claims from one incarnation until it is gone, or the feed is over. */
  private async claimAll(ref: QueueRef): Promise<Gone | null> {
    for (;;) {
      const room = await this.desk.take();
      if (room === 0) return null;
      const outcome = await this.claimInLine(ref, room);
      if (outcome?.kind !== 'gone') continue;
      this.deps.waiters.end(ref.uid);
      this.held.forgetAll();
      this.desk.freed();
      return outcome;
    }
  }

  /** Makes one claim, waiting for messages while there is room; null when there is none, or the wait is over. */
  private async claimInLine(ref: QueueRef, firstRoom: number): Promise<TakeOutcome | null> {
    const { waiters, storage } = this.deps;
    const waiter = waiters.enter(ref.uid, null, this.over);
    let taken = 0;
    try {
      for (let room = firstRoom; room > 0; room = this.desk.tryTake()) {
        const outcome = await this.claim(ref, room);
        if (outcome.kind === 'claimed') taken = outcome.claim.messages.length;
        if (outcome.kind !== 'none') return outcome;
        const freeing = outcome.nextAt === null ? null : freeingAt(outcome.nextAt, storage.clock);
        if ((await waiter.park(freeing)) === 'over') return null;
      }
      return null;
    } finally {
      waiter.leave(taken > 0);
      // There may be more, and this feed may have no room for it.
      if (taken > 0) waiters.handOn(ref.uid);
    }
  }

  /** Claims with room that was set aside. A claim that comes back full brings helpers. */
  private async claim(ref: QueueRef, room: number): Promise<TakeOutcome> {
    const { ttl, grace, maxBytes } = this.options;
    try {
      const outcome = await this.deps.claimer.tryClaim(ref, { ttl, grace, limit: room, maxBytes });
      if (outcome.kind === 'claimed') {
        this.add(ref, outcome.claim);
        this.help(ref, Math.min(this.of.most, burstAfter(outcome.claim, room, maxBytes)) - 1);
      }
      return outcome;
    } finally {
      this.desk.giveBack(room);
    }
  }

  private add(ref: QueueRef, claim: StoredClaim): void {
    this.held.add(claim);
    this.deps.settlements.hold(ref, claim.id, this);
    this.desk.claimed(this.of.queue, claim);
  }

  private help(ref: QueueRef, helpers: number): void {
    while (this.helpers.size < helpers && !this.over.aborted) {
      const helper: Promise<void> = this.claimWhileFull(ref).finally(() => this.helpers.delete(helper));
      this.helpers.add(helper);
    }
  }

  /** Claims beside the one that waits. What goes wrong here goes wrong there, too. */
  private async claimWhileFull(ref: QueueRef): Promise<void> {
    for (;;) {
      const room = await this.desk.take();
      if (room === 0) return;
      const outcome = await this.claim(ref, room).catch(() => null);
      if (outcome?.kind !== 'claimed' || burstAfter(outcome.claim, room, this.options.maxBytes) === 1) return;
    }
  }

  private async pause(): Promise<void> {
    const { over } = this;
    if (over.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = this.deps.timers.after(jittered(PAUSE_MS, this.deps.random), done);
      function done(): void {
        over.removeEventListener('abort', done);
        cancel();
        resolve();
      }
      over.addEventListener('abort', done);
    });
  }
}
