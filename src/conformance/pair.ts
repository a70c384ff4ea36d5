import { Kit } from './kit.js';
import { QueueKit } from './queue-kit.js';
import type { Workshop } from './workshop.js';

/** The same queue, through either of two instances. */
export type QueuePair = readonly [QueueKit, QueueKit];

/** Two instances on the same data, at the same time of the tests. */
export class Pair {
  private constructor(
    readonly one: Kit,
    readonly other: Kit,
  ) {}

  /** Opens both. */
  static async open(workshop: Workshop): Promise<Pair> {
    const made = await workshop.create();
    const one = new Kit(made.storage, false);
    const other = new Kit(await workshop.second(made), false);
    const pair = new Pair(one, other);
    pair.advance(1);
    return pair;
  }

  /** Lets the same time pass for both. */
  advance(seconds: number): void {
    const now = Math.max(this.one.now, this.other.now);
    this.one.now = this.other.now = now + seconds * 1_000;
  }

  /** A new queue that the first instance has opened. */
  async queue(): Promise<QueuePair> {
    const queue = await this.one.queue();
    return [queue, new QueueKit(this.other, queue.ref)];
  }
}
