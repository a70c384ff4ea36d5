import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../random.js';
import type { History } from '../history.js';
import type { QueueAccess } from './queue-access.js';
import { record } from './record.js';

/** Posts under one key until it is given up, unless told. */
const MOST_ATTEMPTS = 8;

/** How a producer posts. */
export interface ProducerHabits {
  /** Most messages in one post. */
  readonly batch: number;
  /** Seconds of life: one of these for each post. */
  readonly ttls: readonly number[];
  /** Share of posts that are repeated although they were answered, 0 to 1. */
  readonly repeats: number;
  /** How often a post is tried, for one who may give none up. */
  readonly attempts?: number;
  /** Milliseconds from a post without an answer to its repeat; none unless told. */
  readonly restMs?: number;
}

/** A post as it is repeated. */
export interface KeyedPost {
  readonly values: readonly string[];
  readonly ttl: number;
  readonly sequence: number;
}

/** What a producer knows of its former life. */
export interface ProducerMemory {
  /** Messages that it posted, and the posts that they made. */
  readonly sent: number;
  readonly sequence: number;
  /** The last of them, if it knows of no answer. */
  readonly pending: KeyedPost | null;
}

const NOTHING: ProducerMemory = { sent: 0, sequence: 0, pending: null };

/** Posts numbered messages, one post after the other; repeats what it got no answer to, under the same key. */
export class Producer {
  private sent: number;
  private sequence: number;

  constructor(
    private readonly queue: QueueAccess,
    private readonly history: History,
    readonly name: string,
    private readonly habits: ProducerHabits,
    private readonly random: Random,
    private readonly memory = NOTHING,
  ) {
    this.sent = memory.sent;
    this.sequence = memory.sequence;
  }

  /** Repeats what it was killed over; to be called before the first step. */
  async resume(): Promise<void> {
    if (this.memory.pending) await this.post(this.memory.pending);
  }

  /** One post with its repeats; gives the number of messages in it. */
  async step(most = Infinity): Promise<number> {
    const count = Math.min(most, this.random.between(1, this.habits.batch));
    const values = Array.from({ length: count }, () => `${this.name}:${this.sent++}`);
    await this.post({ values, ttl: this.random.pick(this.habits.ttls), sequence: this.sequence++ });
    return count;
  }

  private async post({ values, ttl, sequence }: KeyedPost): Promise<void> {
    const { attempts = MOST_ATTEMPTS, repeats, restMs = 0 } = this.habits;
    const key = { producer: this.name, sequence };
    const op = { kind: 'post', queue: this.queue.name, values, ttl, keyed: true } as const;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const answer = await record(this.history, this.name, op, () => this.queue.post(values, ttl, key));
      if (answer && !this.random.chance(repeats)) break;
      if (!answer && restMs > 0) await sleep(restMs);
    }
  }
}
