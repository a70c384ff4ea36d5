import type { Millis } from '../domain/time.js';
import type { MessageOp, MessageOutcome, OutcomeOf, Storage } from '../storage/ports/index.js';
import { freshRef } from './fresh.js';
import { QueueKit, type StepKit } from './queue-kit.js';

/**
 * A storage together with the tests' time. Steps and reads carry `now`, so no test sleeps; time only goes forward, as
 * the store's clock does, also from one test to the next. With `swept`, sweeping follows every step in time, which no
 * test may notice.
 */
export class Kit implements StepKit {
  now: Millis;

  constructor(
    readonly storage: Storage,
    private readonly swept: boolean,
  ) {
    this.now = Math.ceil(storage.clock.now() / 1000) * 1000;
  }

  /** Goes on to the next whole second, so that ticks and whole seconds agree. */
  toWholeSecond(): void {
    this.now = (Math.floor(this.now / 1000) + 1) * 1000;
  }

  /** Lets time pass. */
  async advance(seconds: number): Promise<void> {
    this.now += Math.round(seconds * 1000);
    if (this.swept) await this.storage.messages.sweep(this.now, 10_000);
  }

  /** Applies one step alone. */
  async apply<Op extends MessageOp>(op: Op): Promise<OutcomeOf<Op>> {
    const [outcome] = await this.applyAll([op]);
    return outcome as OutcomeOf<Op>;
  }

  /**
   * Applies the steps in one commit; as the ports say, in one of each queue, all at once, where the storage commits by
   * queue.
   */
  async applyAll(ops: readonly MessageOp[]): Promise<readonly MessageOutcome[]> {
    const uids = new Set(ops.map(({ queue }) => queue.uid));
    if (this.storage.capabilities.commitScope === 'store' || uids.size < 2) return this.commit(ops);
    const outcomes = new Map<MessageOp, MessageOutcome>();
    const applyOf = async (uid: string): Promise<void> => {
      const own = ops.filter(({ queue }) => queue.uid === uid);
      const answers = await this.commit(own);
      own.forEach((op, index) => outcomes.set(op, answers[index] as MessageOutcome));
    };
    await Promise.all([...uids].map(applyOf));
    return ops.map((op) => outcomes.get(op) as MessageOutcome);
  }

  private async commit(ops: readonly MessageOp[]): Promise<readonly MessageOutcome[]> {
    const outcomes = await this.storage.messages.apply({ ops, now: this.now });
    if (outcomes.length === ops.length) return outcomes;
    throw new Error(`${ops.length} steps came to ${outcomes.length} outcomes`);
  }

  /** A new queue that is ready for messages. */
  async queue(): Promise<QueueKit> {
    const queue = new QueueKit(this, freshRef());
    await this.apply({ kind: 'open', queue: queue.ref });
    return queue;
  }
}
