import { setTimeout as sleep } from 'node:timers/promises';
import { Producer, Reader, recordEnd, Worker, type History, type QueueAccess } from '../history/index.js';
import { DOOR_GRACE, DOOR_TTL } from '../load/door-access.js';
import { Random } from '../random.js';

const PRODUCER = { batch: 8, ttls: [DOOR_TTL], repeats: 0.02 };
const WORKER = { limit: 20, ttl: 60, grace: DOOR_GRACE, finish: 12, part: 2, renew: 1, release: 1, idle: 0 };
const PAGE = 20;
/** Milliseconds that a client rests when there was nothing for it. */
const REST_MS = 50;
/** Claims in a row that find nothing, after which a worker takes the queue for empty once nobody posts any more. */
const EMPTY_CLAIMS = 5;
/** Pages in a row that bring nothing, likewise. */
const EMPTY_PAGES = 3;
/** Milliseconds between two looks at the backlog. */
const LOOK_MS = 250;

/** The clients of one queue. */
export interface Crowd {
  readonly messages: number;
  readonly producers: number;
  readonly workers: number;
  readonly readers: number;
  /** Messages in the queue from which on producers wait. */
  readonly backlog: number;
}

/** A queue as its clients reach it. */
export interface CrowdedQueue {
  /** The queue through the door of the client of that number. */
  door(client: number): QueueAccess;
  /** Messages that it holds. */
  total(): Promise<number>;
}

/** Producers, workers and readers of one queue, each through a door of its own. */
export class ManyClients {
  /** The largest backlog that was seen. */
  largest = 0;
  /** Messages still to be posted. */
  private toPost: number;
  private backlog = 0;
  private producing = true;
  private working = true;
  private readonly random: Random;

  constructor(
    private readonly history: History,
    private readonly queue: CrowdedQueue,
    private readonly crowd: Crowd,
    seed: number,
  ) {
    this.toPost = crowd.messages;
    this.random = new Random(seed);
  }

  /** Posts all messages, removes what can be had of them, and follows them to the end. */
  async run(): Promise<void> {
    const { crowd, history, random } = this;
    let door = 0;
    const each = <T>(count: number, run: (name: string, queue: QueueAccess) => Promise<T>, kind: string) =>
      Promise.all(Array.from({ length: count }, (_, n) => run(`${kind}-${n}`, this.queue.door(door++))));
    const produced = each(
      crowd.producers,
      (name, queue) => this.produce(new Producer(queue, history, name, PRODUCER, random)),
      'producer',
    ).finally(() => (this.producing = false));
    const worked = each(
      crowd.workers,
      (name, queue) => this.work(new Worker(queue, history, name, WORKER, random)),
      'worker',
    ).finally(() => (this.working = false));
    const read = each(crowd.readers, (name, queue) => this.read(new Reader(queue, history, name, PAGE)), 'reader');
    await Promise.all([produced, worked, read, this.watch()]);
  }

  /** Records what is left; when nothing happens to the cores any more. */
  async end(): Promise<void> {
    await recordEnd(this.queue.door(0), this.history, PAGE);
  }

  private async watch(): Promise<void> {
    while (this.producing) {
      // A look that fails is one of a core that was just killed.
      this.backlog = await this.queue.total().catch(() => this.backlog);
      this.largest = Math.max(this.largest, this.backlog);
      await sleep(LOOK_MS);
    }
  }

  private async produce(producer: Producer): Promise<void> {
    while (this.toPost > 0) {
      if (this.backlog >= this.crowd.backlog) {
        await sleep(REST_MS);
        continue;
      }
      const share = Math.min(this.toPost, PRODUCER.batch);
      this.toPost -= share;
      const posted = await producer.step(share);
      this.toPost += share - posted;
    }
  }

  private async work(worker: Worker): Promise<void> {
    for (let empty = 0; this.producing || empty < EMPTY_CLAIMS;) {
      const removed = await worker.step();
      empty = removed === null ? empty + 1 : 0;
      if (removed === null) await sleep(REST_MS);
    }
  }

  private async read(reader: Reader): Promise<void> {
    for (let empty = 0; this.working || empty < EMPTY_PAGES;) {
      const shown = await reader.step();
      empty = shown === 0 ? empty + 1 : 0;
      if (shown === 0) await sleep(REST_MS);
    }
  }
}
