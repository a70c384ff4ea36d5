import type { MessageOp, OutcomeOf, Storage } from '../../storage/ports/index.js';
import type { EngineSettings, Timers } from '../deps.js';
import { Lane, type LaneDeps } from './lane.js';

/** The one lane of a store whose commits are shared by all queues. */
const WHOLE_STORE = '';

/** The one home of group commit: every step of the engine goes through it to the store. */
export class Commit {
  private readonly lanes = new Map<string, Lane>();
  private readonly laneDeps: LaneDeps;
  private readonly perQueue: boolean;

  constructor(storage: Storage, timers: Timers, settings: EngineSettings) {
    this.laneDeps = { store: storage.messages, clock: storage.clock, timers, settings };
    this.perQueue = storage.capabilities.commitScope === 'queue';
  }

  get waitingSteps(): number {
    let sum = 0;
    for (const lane of this.lanes.values()) sum += lane.waitingSteps;
    return sum;
  }

  get waitingBytes(): number {
    let sum = 0;
    for (const lane of this.lanes.values()) sum += lane.waitingBytes;
    return sum;
  }

  /** Resolves with the step's outcome once its commit is durable. Rejects with OVERLOADED, STORAGE_UNAVAILABLE. */
  async submit<Op extends MessageOp>(op: Op): Promise<OutcomeOf<Op>> {
    const key = this.perQueue ? op.queue.uid : WHOLE_STORE;
    const lane = this.lane(key);
    try {
      return (await lane.submit(op)) as OutcomeOf<Op>;
    } finally {
      if (this.perQueue && lane.idle) this.lanes.delete(key);
    }
  }

  /** Resolves when every commit that was begun or waits is done. */
  async whenIdle(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.whenIdle()));
  }

  private lane(key: string): Lane {
    const known = this.lanes.get(key);
    if (known) return known;
    const lane = new Lane(this.laneDeps);
    this.lanes.set(key, lane);
    return lane;
  }
}
