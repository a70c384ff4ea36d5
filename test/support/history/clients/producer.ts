import type { Random } from '../../random.js';
import type { History } from '../history.js';
import type { QueueAccess } from './queue-access.js';
import { record } from './record.js';

/** Posts under one key until it is given up. */
const MOST_ATTEMPTS = 8;

/** How a producer posts. */
export interface ProducerHabits {
  /** Most messages in one post. */
  readonly batch: number;
  /** Seconds of life: one of these for each post. */
  readonly ttls: readonly number[];
  /** Share of posts that are repeated although they were answered, 0 to 1. */
  readonly repeats: number;
}

/** Posts numbered messages, one post after the other; repeats what it got no answer to, under the same key. */
export class Producer {
  private sent = 0;
  private sequence = 0;

  constructor(
    private readonly queue: QueueAccess,
    private readonly history: History,
    readonly name: string,
    private readonly habits: ProducerHabits,
    private readonly random: Random,
  ) {}

  /** One post with its repeats; gives the number of messages in it. */
  async step(most = Infinity): Promise<number> {
    const count = Math.min(most, this.random.between(1, this.habits.batch));
    const values = Array.from({ length: count }, () => `${this.name}:${this.sent++}`);
    const ttl = this.random.pick(this.habits.ttls);
    const key = { producer: this.name, sequence: this.sequence++ };
    const op = { kind: 'post', queue: this.queue.name, values, ttl, keyed: true } as const;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const answer = await record(this.history, this.name, op, () => this.queue.post(values, ttl, key));
      if (answer && !this.random.chance(this.habits.repeats)) break;
    }
    return count;
  }
}
