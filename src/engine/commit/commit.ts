import type { MessageOp, OutcomeOf, Storage } from '../../storage/ports/index.js';
import type { EngineSettings, Timers } from '../deps.js';
import type { Chain } from './chain.js';
import { Lane, type LaneDeps } from './lane.js';
import { Room } from './room.js';
import { Turns } from './turns.js';
import { bodyBytes, isIntake } from './waiting-step.js';

/** The one lane of a store whose commits are shared by all queues. */
const WHOLE_STORE = '';

/** Steps that take work out may wait in greater number than those that bring it in: refusing them helps nobody. */
const REST_ROOM_FACTOR = 4;

/**
 * The one home of group commit: every step of the engine goes through it to the store. Where the store commits by
 * queue, each queue has two lanes, so that its claims do not wait for its posts, nor anyone for another queue.
 */
export class Commit {
  private readonly lanes = new Map<string, Lane>();
  private readonly laneDeps: LaneDeps;
  private idleWaiters: (() => void)[] = [];

  constructor(storage: Storage, timers: Timers, settings: EngineSettings) {
    const { maxWaitingSteps, maxWaitingBytes, maxConcurrent } = settings;
    this.laneDeps = {
      store: storage.messages,
      clock: storage.clock,
      timers,
      settings,
      turns: new Turns(maxConcurrent),
      rooms: {
        intake: new Room(maxWaitingSteps, maxWaitingBytes),
        rest: new Room(maxWaitingSteps * REST_ROOM_FACTOR, Number.POSITIVE_INFINITY),
      },
      perQueue: storage.capabilities.commitScope === 'queue',
    };
  }

  /** Steps that wait for a commit; where the store commits by queue, those under way too. */
  get waitingSteps(): number {
    const { intake, rest } = this.laneDeps.rooms;
    return intake.steps + rest.steps;
  }

  /** Bytes of their bodies. */
  get waitingBytes(): number {
    return this.laneDeps.rooms.intake.bytes;
  }

  get underWay(): number {
    return this.laneDeps.turns.underWay;
  }

  /** Resolves with the step's outcome once its commit is durable. Rejects with OVERLOADED, STORAGE_UNAVAILABLE. */
  async submit<Op extends MessageOp>(op: Op, chain?: Chain): Promise<OutcomeOf<Op>> {
    return (await this.laneOf(op).submit(op, chain)) as OutcomeOf<Op>;
  }

  /** True when the step would be refused with OVERLOADED now: who can wait does so. */
  wouldRefuse(op: MessageOp): boolean {
    const lane = this.lanes.get(this.keyOf(op));
    if (lane) return lane.wouldRefuse(op);
    const { intake, rest } = this.laneDeps.rooms;
    return (isIntake(op) ? intake : rest).refusal(bodyBytes(op), null) !== null;
  }

  /** Resolves when every commit that was begun or waits is done. */
  whenIdle(): Promise<void> {
    return this.lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private keyOf(op: MessageOp): string {
    return this.laneDeps.perQueue ? `${isIntake(op) ? 'intake' : 'rest'} ${op.queue.uid}` : WHOLE_STORE;
  }

  private laneOf(op: MessageOp): Lane {
    const intake = this.laneDeps.perQueue && isIntake(op);
    const key = this.keyOf(op);
    const known = this.lanes.get(key);
    if (known) return known;
    const lane = new Lane(this.laneDeps, intake, () => this.forget(key));
    this.lanes.set(key, lane);
    return lane;
  }

  private forget(key: string): void {
    this.lanes.delete(key);
    if (this.lanes.size > 0) return;
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
