import { context } from '@opentelemetry/api';
import { MarconiError } from '../../errors/marconi-error.js';
import type { MessageOp, MessageOutcome, MessageStore, StoreClock } from '../../storage/ports/index.js';
import type { EngineSettings, Timers } from '../deps.js';
import type { Chain } from './chain.js';
import { inKindOrder } from './kind-order.js';
import { overloaded } from './overloaded.js';
import type { Load, Room } from './room.js';
import type { Committer, Turns } from './turns.js';
import { WaitingLine } from './waiting-line.js';
import { bodyBytes, isIntake, type WaitingStep } from './waiting-step.js';

/** Share of a commit that steps bringing work in may fill when others wait too: those then wait less for theirs. */
const INTAKE_SHARE = 0.5;

/** What the lanes of a store share. */
export interface LaneDeps {
  readonly store: MessageStore;
  readonly clock: StoreClock;
  readonly timers: Timers;
  readonly settings: EngineSettings;
  readonly turns: Turns;
  /** What may be held of steps that bring work in, and of the others. */
  readonly rooms: { readonly intake: Room; readonly rest: Room };
  /**
   * True when each lane is of one queue. Steps then leave their room only after their commit, since many commits under
   * way hold more than what waits, and a batch is put in order of kind.
   */
  readonly perQueue: boolean;
}

/**
 * Decides what shares a commit: all that meets in one turn of the event loop, or while the lane waits for its turn or
 * its commit before, up to a number of steps and bytes. One commit at a time, in order of arrival within intake and
 * within the rest.
 */
export class Lane implements Committer {
  private readonly intakeLine = new WaitingLine();
  private readonly restLine = new WaitingLine();
  private readonly own: Load | null;
  /** It has asked for a turn, or is about to, or has one. */
  private busy = false;

  /** `ended` is called when nothing waits and no commit is under way: the lane may be forgotten then. */
  constructor(
    private readonly deps: LaneDeps,
    readonly intake: boolean,
    private readonly ended: () => void,
  ) {
    this.own = deps.perQueue ? { steps: 0, bytes: 0 } : null;
  }

  /** Resolves with the step's outcome once its commit is durable. Rejects with OVERLOADED, STORAGE_UNAVAILABLE. */
  submit(op: MessageOp, chain?: Chain): Promise<MessageOutcome> {
    return new Promise((resolve, reject) => {
      const step: WaitingStep = { op, chain, bytes: bodyBytes(op), trace: context.active(), resolve, reject };
      const room = this.roomOf(step);
      // A fence comes after the name was taken away: refused, it would leave what the deletion promised to end.
      const refusal = op.kind === 'fence' ? null : room.refusal(step.bytes, this.own);
      if (refusal !== null) {
        if (chain) chain.broken = true;
        reject(overloaded(refusal));
        if (!this.busy) this.ended();
        return;
      }
      room.enter(step.bytes, this.own);
      (isIntake(op) ? this.intakeLine : this.restLine).push(step);
      this.plan();
    });
  }

  /** True when the step would be refused for want of room. */
  wouldRefuse(op: MessageOp): boolean {
    const { intake, rest } = this.deps.rooms;
    return (isIntake(op) ? intake : rest).refusal(bodyBytes(op), this.own) !== null;
  }

  /** One commit of what waits. Called by `Turns` when it is this lane's turn. */
  async commit(): Promise<void> {
    const batch = this.nextBatch();
    if (batch.length > 0) await this.apply(batch);
    if (this.waits) {
      this.deps.turns.ask(this);
      return;
    }
    this.busy = false;
    this.ended();
  }

  private get waits(): boolean {
    return this.intakeLine.length + this.restLine.length > 0;
  }

  private plan(): void {
    if (this.busy) return;
    this.busy = true;
    this.deps.timers.defer(() => this.deps.turns.ask(this));
  }

  private nextBatch(): readonly WaitingStep[] {
    const { perQueue, settings } = this.deps;
    const { maxSteps, maxBytes } = settings;
    const batch: WaitingStep[] = [];
    this.restLine.moveInto(batch, maxSteps, maxBytes);
    const room = batch.length === 0 ? maxSteps : Math.ceil(maxSteps * INTAKE_SHARE);
    this.intakeLine.moveInto(batch, Math.min(maxSteps, batch.length + room), maxBytes);
    const unbroken = this.withoutBroken(batch);
    if (perQueue) return inKindOrder(unbroken);
    this.leave(unbroken);
    return unbroken;
  }

  /** The batch without the steps that come after a failed one of their chain; these are rejected. */
  private withoutBroken(batch: readonly WaitingStep[]): readonly WaitingStep[] {
    const broken = batch.filter(({ chain }) => chain?.broken);
    if (broken.length === 0) return batch;
    this.leave(broken);
    const error = new MarconiError('CANCELLED', 'An earlier post of the stream was not stored.');
    for (const step of broken) step.reject(error);
    return batch.filter(({ chain }) => !chain?.broken);
  }

  private async apply(batch: readonly WaitingStep[]): Promise<void> {
    const { store, clock, perQueue } = this.deps;
    const first = batch[0] as WaitingStep;
    try {
      // The commit belongs to the trace of its first step: a span has one parent.
      const outcomes = await context.with(first.trace, () =>
        store.apply({ ops: batch.map((step) => step.op), now: clock.now(), skew: clock.skew }),
      );
      batch.forEach((step, i) => settle(step, outcomes[i] as MessageOutcome));
    } catch (thrown) {
      const error = MarconiError.from(thrown);
      for (const step of batch) {
        if (step.chain) step.chain.broken = true;
        step.reject(error);
      }
    } finally {
      if (perQueue) this.leave(batch);
    }
  }

  private leave(batch: readonly WaitingStep[]): void {
    for (const step of batch) this.roomOf(step).leave(step.bytes, this.own);
  }

  private roomOf({ op }: WaitingStep): Room {
    const { intake, rest } = this.deps.rooms;
    return isIntake(op) ? intake : rest;
  }
}

/** The chain is told at once: what waits may be taken before whoever submitted the step hears of it. */
function settle(step: WaitingStep, outcome: MessageOutcome): void {
  if (step.chain && outcome.kind !== 'posted') step.chain.broken = true;
  step.resolve(outcome);
}
