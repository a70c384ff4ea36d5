import { context } from '@opentelemetry/api';
import { MarconiError } from '../../errors/marconi-error.js';
import type { MessageOp, MessageOutcome, MessageStore, StoreClock } from '../../storage/ports/index.js';
import type { EngineSettings, Timers } from '../deps.js';
import { WaitingLine, type WaitingStep } from './waiting-line.js';

/** Steps that take work out may wait in greater number than those that bring it in: refusing them helps nobody. */
const DRAIN_LINE_FACTOR = 4;

/** Share of a commit that steps bringing work in may fill when others wait too: those then wait less for theirs. */
const INTAKE_SHARE = 0.5;

/** When to try again after a refusal for load. */
const RETRY_AFTER_MS = 1_000;

/** What a lane needs. */
export interface LaneDeps {
  readonly store: MessageStore;
  readonly clock: StoreClock;
  readonly timers: Timers;
  readonly settings: EngineSettings;
}

/** True for a step that brings work in; under overload these are refused, and the others go before them. */
function isIntake(op: MessageOp): boolean {
  return op.kind === 'post' || op.kind === 'open';
}

function bodyBytes(op: MessageOp): number {
  return op.kind === 'post' ? op.messages.reduce((sum, message) => sum + message.body.byteLength, 0) : 0;
}

/**
 * Decides what shares a commit: all that meets in one turn of the event loop, or while the commit before is under way,
 * up to a number of steps and bytes. One commit at a time, in order of arrival within intake and within the rest.
 */
export class Lane {
  private readonly intake: WaitingLine;
  private readonly drain: WaitingLine;
  private planned = false;
  private underWay = false;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly deps: LaneDeps) {
    const { maxWaitingSteps, maxWaitingBytes } = deps.settings;
    this.intake = new WaitingLine(maxWaitingSteps, maxWaitingBytes);
    this.drain = new WaitingLine(maxWaitingSteps * DRAIN_LINE_FACTOR, Number.POSITIVE_INFINITY);
  }

  get waitingSteps(): number {
    return this.intake.length + this.drain.length;
  }

  get waitingBytes(): number {
    return this.intake.bytes;
  }

  get idle(): boolean {
    return !this.underWay && this.waitingSteps === 0;
  }

  /** Resolves with the step's outcome once its commit is durable. Rejects with OVERLOADED, STORAGE_UNAVAILABLE. */
  submit(op: MessageOp): Promise<MessageOutcome> {
    return new Promise((resolve, reject) => {
      const step: WaitingStep = { op, bytes: bodyBytes(op), trace: context.active(), resolve, reject };
      const line = isIntake(op) ? this.intake : this.drain;
      if (line.push(step)) this.plan();
      else reject(overloaded());
    });
  }

  /** Resolves when nothing waits and no commit is under way. */
  whenIdle(): Promise<void> {
    return this.idle ? Promise.resolve() : new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private plan(): void {
    if (this.planned || this.underWay) return;
    this.planned = true;
    this.deps.timers.defer(() => {
      this.planned = false;
      void this.run();
    });
  }

  private async run(): Promise<void> {
    this.underWay = true;
    while (this.waitingSteps > 0) await this.commit(this.nextBatch());
    this.underWay = false;
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  private nextBatch(): WaitingStep[] {
    const { maxSteps, maxBytes } = this.deps.settings;
    const batch: WaitingStep[] = [];
    this.drain.moveInto(batch, maxSteps, maxBytes);
    const room = batch.length === 0 ? maxSteps : Math.ceil(maxSteps * INTAKE_SHARE);
    this.intake.moveInto(batch, Math.min(maxSteps, batch.length + room), maxBytes);
    return batch;
  }

  private async commit(batch: WaitingStep[]): Promise<void> {
    const { store, clock } = this.deps;
    const first = batch[0] as WaitingStep;
    try {
      // The commit belongs to the trace of its first step: a span has one parent.
      const outcomes = await context.with(first.trace, () =>
        store.apply({ ops: batch.map((step) => step.op), now: clock.now(), skew: clock.skew }),
      );
      batch.forEach((step, i) => step.resolve(outcomes[i] as MessageOutcome));
    } catch (thrown) {
      const error = MarconiError.from(thrown);
      for (const step of batch) step.reject(error);
    }
  }
}

function overloaded(): MarconiError {
  return new MarconiError('OVERLOADED', 'The node has more work waiting than it takes in; try again in a second.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
}
