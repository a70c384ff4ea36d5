import { setTimeout as sleep } from 'node:timers/promises';
import { Producer, Reader, Worker, type History, type QueueAccess } from '../history/index.js';
import { DOOR_GRACE, DOOR_TTL } from '../load/door-access.js';
import type { Random } from '../random.js';

const PRODUCER = { batch: 3, ttls: [DOOR_TTL], repeats: 0 };
const WORKER = { limit: 20, ttl: 60, grace: DOOR_GRACE, finish: 1, part: 0, renew: 0, release: 0, idle: 0 };
/** One that never finishes what it took. */
const KEEPER = { ...WORKER, finish: 0, idle: 1 };
const PAGE = 20;
/** Milliseconds between two calls of a client. */
const REST_MS = 250;
/** Claims and pages in a row that bring nothing, after which that is taken for all. */
const EMPTY = 3;

/** Who posts, takes and reads at a queue through other cores than the one that is stopped. */
export class Onlookers {
  /** Milliseconds that the slowest call took. */
  slowest = 0;
  /** Messages that were taken. */
  taken = 0;
  private readonly seen = new Map<string, number>();
  private readonly ended = new AbortController();
  private readonly clients: Promise<void>[] = [];

  /** `doors` gives the queue through the core of that number. */
  constructor(
    private readonly history: History,
    private readonly doors: readonly [QueueAccess, QueueAccess],
    private readonly random: Random,
  ) {}

  /** One reader through each core. */
  read(): void {
    this.doors.forEach((door, at) => {
      const reader = new Reader(this.watched(door), this.history, `onlooker-${at}`, PAGE);
      this.go(reader, (shown) => shown === 0);
    });
  }

  post(): void {
    this.go(new Producer(this.watched(this.doors[0]), this.history, 'poster', PRODUCER, this.random), () => true);
  }

  /** Takes what is there and acknowledges it, or keeps it. */
  take(what: 'all' | 'and keep' = 'all'): void {
    const habits = what === 'all' ? WORKER : KEEPER;
    const worker = new Worker(this.watched(this.doors[1]), this.history, 'taker', habits, this.random);
    this.go(worker, (removed) => !removed);
  }

  /** When a reader asked for the page that first showed the value, on the clock of `performance`. */
  seenAt(value: string): number | undefined {
    return this.seen.get(value);
  }

  /** Nobody posts any more; resolves when takers and readers have come to the end. */
  async stop(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.clients);
  }

  /** Steps at a measured pace; once stopped, until a few steps in a row were idle. */
  private go(client: { step(): Promise<number | null> }, isIdle: (result: number | null) => boolean): void {
    const run = async (): Promise<void> => {
      for (let idle = 0; !this.ended.signal.aborted || idle < EMPTY;) {
        const result = await client.step();
        idle = isIdle(result) ? idle + 1 : 0;
        if (!this.ended.signal.aborted)
          await sleep(REST_MS, undefined, { signal: this.ended.signal }).catch(() => null);
      }
    };
    this.clients.push(run());
  }

  private watched(door: QueueAccess): QueueAccess {
    const timed = async <R>(call: Promise<R>): Promise<R> => {
      const began = performance.now();
      return call.finally(() => (this.slowest = Math.max(this.slowest, performance.now() - began)));
    };
    return {
      ...door,
      post: (values, ttl, key) => timed(door.post(values, ttl, key)),
      claim: async (ttl, grace, limit) => {
        const claim = await timed(door.claim(ttl, grace, limit));
        this.taken += claim?.messages.length ?? 0;
        return claim;
      },
      remove: (ids, claim) => timed(door.remove(ids, claim)),
      list: async (after, limit) => {
        const asked = performance.now();
        const page = await timed(door.list(after, limit));
        for (const { value } of page.messages) this.seen.set(value, Math.min(asked, this.seen.get(value) ?? asked));
        return page;
      },
    };
  }
}
