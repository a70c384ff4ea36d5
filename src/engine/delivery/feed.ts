import type { CallContext, Claims } from '../api.js';
import type { Cancel } from '../deps.js';
import type { EngineParts } from '../parts.js';
import type { Feed, FeedEvents, FeedOptions } from '../stream-api.js';
import { FeedLane, type FeedDesk, type FeedLaneDeps } from './feed-lane.js';
import { releaseAll } from './release-all.js';
import { Turns } from './turns.js';

/** Claims that are being made at once, over all queues: so many may come after `hold`. */
const MOST_CLAIMING = 8;

/** Claims of one queue at once, where there are others: each of those has its turn after so many. */
const MOST_OF_SEVERAL = 4;

/** Claims end on whole seconds of the store's clock, which may be read elsewhere: no look comes sooner. */
const LEAST_LOOK_MS = 50;

/** What a feed works with. */
export interface FeedDeps extends FeedLaneDeps, Pick<EngineParts, 'gate'> {
  readonly claims: Pick<Claims, 'release'>;
}

/**
 * Claims from several queues within one room: the messages that its reader may hold unsettled. The queues take turns,
 * a claim each. What is settled through any door of the node makes room, as does the end of a claim.
 */
export class QueueFeed implements Feed {
  private readonly lanes: readonly FeedLane[];
  private readonly running: Promise<unknown>;
  private readonly turns = new Turns(() => this.reserve());
  private isOver = false;
  private allowed = { messages: 0, batch: 1 };
  private reserved = 0;
  private claiming = 0;
  private holding = false;
  private readonly releasing = new Set<Promise<void>>();
  private cancelLook: Cancel | null = null;

  constructor(
    private readonly deps: FeedDeps,
    private readonly ctx: CallContext,
    queues: readonly string[],
    options: FeedOptions,
    private readonly events: FeedEvents,
    private readonly left: () => void,
  ) {
    const desk = this.desk();
    const most = queues.length === 1 ? MOST_CLAIMING : MOST_OF_SEVERAL;
    this.lanes = queues.map((queue) => new FeedLane(deps, { ctx, queue, most }, options, desk));
    this.running = Promise.all(this.lanes.map((lane) => lane.run()));
  }

  allow(messages: number, batch: number): void {
    this.allowed = { messages, batch };
    this.turns.serve();
  }

  hold(): void {
    this.holding = true;
  }

  resume(): void {
    this.holding = false;
    this.turns.serve();
  }

  release(queue: string, claim: string): Promise<void> {
    const releasing: Promise<void> = releaseAll(this.deps, this.ctx, queue, [claim]).finally(() => {
      this.releasing.delete(releasing);
    });
    this.releasing.add(releasing);
    return releasing;
  }

  async end(): Promise<void> {
    this.isOver = true;
    for (const lane of this.lanes) lane.end();
    this.cancelLook?.();
    this.turns.close();
    await this.running;
    for (const { held } of this.lanes) held.forgetAll();
    await Promise.all(this.releasing);
    this.left();
  }

  /** Sets aside what the next claim may take; 0 when it must wait. */
  private reserve(): number {
    if (this.isOver || this.holding || this.deps.gate.draining || this.claiming >= MOST_CLAIMING) return 0;
    const held = this.lanes.reduce((sum, lane) => sum + lane.held.messages, 0);
    const messages = Math.min(this.allowed.batch, this.allowed.messages - held - this.reserved);
    if (messages <= 0) {
      this.lookWhenOneEnds();
      return 0;
    }
    this.reserved += messages;
    this.claiming++;
    return messages;
  }

  /** A claim that nobody speaks of any more makes room when it ends. */
  private lookWhenOneEnds(): void {
    if (this.cancelLook !== null) return;
    const { storage, timers } = this.deps;
    const end = this.lanes.reduce((first, { held }) => Math.min(first, held.firstEnd()), Infinity);
    if (end === Infinity) return;
    this.cancelLook = timers.after(Math.max(LEAST_LOOK_MS, end * 1000 - storage.clock.now()), () => {
      this.cancelLook = null;
      for (const { held } of this.lanes) held.forgetEnded(storage.clock.now());
      this.turns.serve();
    });
  }

  private desk(): FeedDesk {
    return {
      take: () => this.turns.take(),
      tryTake: () => this.turns.tryTake(),
      giveBack: (messages) => {
        this.reserved -= messages;
        this.claiming--;
        this.turns.serve();
      },
      freed: () => this.turns.serve(),
      claimed: (queue, claim) => {
        // Nobody would be told of it.
        if (this.isOver) void this.release(queue, claim.id);
        else this.events.claimed(queue, claim, Math.max(this.deps.storage.clock.now(), claim.since));
      },
      troubled: (queue, error) => this.events.troubled(queue, error),
    };
  }
}
