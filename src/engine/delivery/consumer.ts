import { MarconiError } from '../../errors/marconi-error.js';
import type { AckOutcome, QueueRef, StoredClaim } from '../../storage/ports/index.js';
import type { CallContext, Claims } from '../api.js';
import type { Claimer, Take, TakeOutcome } from '../claims/claimer.js';
import { jittered } from '../jitter.js';
import type { EngineParts } from '../parts.js';
import { queueNotFound } from '../refusals.js';
import type { Consumer, ConsumeOptions, ConsumerEvents } from '../stream-api.js';
import { burstAfter, bytesOf } from './burst.js';
import { Credit, type Amount } from './credit.js';
import { HeldClaims } from './held-claims.js';
import { releaseAll } from './release-all.js';

/** One claim of the stream waits in the line; those beside it do not. */
const AT_ONCE = AbortSignal.abort();

/** Before claiming goes on after a refusal for load, on average. */
const OVERLOAD_PAUSE_MS = 1_000;

/** What a consumer works with. */
export interface ConsumerDeps extends Pick<EngineParts, 'storage' | 'timers' | 'random' | 'waiters' | 'gate'> {
  readonly claimer: Claimer;
  readonly claims: Claims;
}

/** Whose consumer it is, and of which queue. */
export interface ConsumerOf {
  readonly ctx: CallContext;
  readonly queue: string;
  /** The incarnation that it began with: it does not go on to another. */
  readonly ref: QueueRef;
}

/**
 * Claims for one stream: one claim waits in the queue's line while nothing comes; a few more go beside it while every
 * claim comes back full of small messages. Each reserves its part of the credit before it is made.
 */
export class QueueConsumer implements Consumer {
  private readonly credit = new Credit();
  private readonly held: HeldClaims;
  private readonly underWay = new Set<Promise<void>>();
  /** Ends the wait of the claim that waits; null when none does. */
  private waiting: AbortController | null = null;
  private burst = 1;
  private holding = false;
  /** The node had no room for a claim: none is made until a timer has run. */
  private resting = false;
  private planned = false;
  private ended = false;

  constructor(
    private readonly deps: ConsumerDeps,
    private readonly of: ConsumerOf,
    private readonly options: ConsumeOptions,
    private readonly events: ConsumerEvents,
    private readonly left: () => void,
  ) {
    this.held = new HeldClaims(options.maxClaims);
  }

  grant(messages: number, bytes: number): void {
    this.credit.add({ messages, bytes });
    this.pump();
  }

  hold(): void {
    this.holding = true;
    this.waiting?.abort();
  }

  resume(): void {
    this.holding = false;
    this.pump();
  }

  async acknowledge(claim: string, ids: readonly string[]): Promise<readonly AckOutcome[]> {
    const outcomes = await this.deps.claims.acknowledge(this.of.ctx, this.of.queue, claim, ids);
    this.held.settled(claim, ids);
    this.pump();
    return outcomes;
  }

  async release(claim: string): Promise<{ readonly released: number }> {
    const outcome = await this.deps.claims.release(this.of.ctx, this.of.queue, claim);
    this.held.remove(claim);
    this.pump();
    return outcome;
  }

  async renew(claim: string, ttl: number, grace: number): Promise<{ readonly ends: number }> {
    const outcome = await this.deps.claims.renew(this.of.ctx, this.of.queue, claim, ttl, grace);
    this.held.renewed(claim, outcome.ends / 1000);
    return outcome;
  }

  async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.waiting?.abort();
    await Promise.all(this.underWay);
    if (this.options.releaseOnEnd) {
      await this.releaseAll(this.held.live(this.deps.storage.clock.now()));
    }
    this.left();
  }

  /** Nothing is to be claimed, whatever there is. */
  private get idle(): boolean {
    return this.ended || this.holding || this.deps.gate.draining;
  }

  /** Makes as many claims as credit, room and the reader allow. */
  private pump(): void {
    while (this.mayClaim()) {
      const amount = this.reserve();
      if (amount === null) return;
      const claiming: Promise<void> = this.claim(amount).finally(() => {
        this.underWay.delete(claiming);
        this.pump();
      });
      this.underWay.add(claiming);
    }
  }

  private mayClaim(): boolean {
    if (this.idle || this.resting || !this.credit.any || this.underWay.size >= this.burst) return false;
    const now = this.deps.storage.clock.now();
    if (this.held.hasRoom(now, this.underWay.size)) return true;
    if (this.underWay.size === 0) this.pumpAfter(this.held.firstEnd() * 1000 - now);
    return false;
  }

  /**
   * Sets aside what the next claim may take, one message beyond its bytes included; null when it must wait for those
   * under way. Where that is not left, the claim goes alone and takes all bytes that are.
   */
  private reserve(): (Amount & { readonly maxBytes: number }) | null {
    const { limit, maxBytes, largestMessage } = this.options;
    const most = maxBytes + largestMessage;
    const roomy = this.credit.bytes >= most;
    if (!roomy && this.underWay.size > 0) return null;
    const bytes = roomy ? most : this.credit.bytes;
    const amount = { messages: Math.min(limit, this.credit.messages), bytes, maxBytes: Math.min(maxBytes, bytes) };
    this.credit.reserve(amount);
    return amount;
  }

  private async claim(amount: Amount & { readonly maxBytes: number }): Promise<void> {
    const { ttl, grace } = this.options;
    let used: Amount = { messages: 0, bytes: 0 };
    try {
      const outcome = await this.take({ ttl, grace, limit: amount.messages, maxBytes: amount.maxBytes });
      if (outcome.kind === 'gone') throw queueNotFound(this.of.queue);
      if (outcome.kind === 'none') this.burst = 1;
      else used = await this.claimed(outcome.claim, amount.messages);
    } catch (thrown) {
      this.refused(MarconiError.from(thrown));
    } finally {
      this.credit.add({ messages: amount.messages - used.messages, bytes: amount.bytes - used.bytes });
      // A claim that its bytes cut short leaves something, and this stream does not look again.
      const cut = used.messages > 0 && used.messages < amount.messages;
      if (cut && (this.idle || !this.credit.any)) this.deps.waiters.handOn(this.of.ref.uid);
    }
  }

  /** Every claim takes the same way from its commit to the client, so that claims are told of in their order. */
  private async take(take: Take): Promise<TakeOutcome> {
    const waiting = this.waiting === null ? new AbortController() : null;
    if (waiting !== null) this.waiting = waiting;
    try {
      return await this.deps.claimer.waitAndClaim(this.of.ref, take, null, waiting?.signal ?? AT_ONCE);
    } finally {
      if (waiting !== null) this.waiting = null;
    }
  }

  private async claimed(claim: StoredClaim, limit: number): Promise<Amount> {
    const messages = claim.messages.length;
    const bytes = bytesOf(claim);
    if (this.ended) {
      // Nobody was told of it.
      await this.releaseAll([claim.id]);
      return { messages, bytes };
    }
    this.burst = burstAfter(claim, limit, this.options.maxBytes);
    this.held.add(claim);
    this.events.claimed(claim, Math.max(this.deps.storage.clock.now(), claim.since));
    return { messages, bytes };
  }

  private refused(error: MarconiError): void {
    if (this.ended) return;
    if (error.reason !== 'OVERLOADED') {
      this.events.failed(error);
      return;
    }
    this.resting = true;
    this.deps.timers.after(jittered(OVERLOAD_PAUSE_MS, this.deps.random), () => {
      this.resting = false;
      this.pump();
    });
  }

  /** Looks again by itself when a claim ends that nobody speaks of any more; one timer, whatever happens until then. */
  private pumpAfter(ms: number): void {
    if (this.planned) return;
    this.planned = true;
    this.deps.timers.after(Math.max(1, ms), () => {
      this.planned = false;
      this.pump();
    });
  }

  private releaseAll(claims: readonly string[]): Promise<void> {
    return releaseAll(this.deps, this.of.ctx, this.of.queue, claims);
  }
}
