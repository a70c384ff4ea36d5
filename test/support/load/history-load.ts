import { Producer, Reader, Worker, type History, type QueueAccess } from '../history/index.js';
import { Random } from '../random.js';
import { DOOR_GRACE, DOOR_TTL } from './door-access.js';

const PRODUCER = { batch: 3, ttls: [DOOR_TTL], repeats: 0.05 };
const WORKER = { limit: 5, ttl: 600, grace: DOOR_GRACE, finish: 6, part: 3, renew: 1, release: 1, idle: 0 };
/** Milliseconds that a client rests when there was nothing for it. */
const REST_MS = 20;

/** Clients of every kind on a queue, each through one door, that go on until they are stopped. */
export class HistoryLoad {
  private readonly stopped = new AbortController();
  private readonly clients: readonly Promise<void>[];

  constructor(history: History, doors: readonly QueueAccess[], seed: number) {
    const { signal } = this.stopped;
    const random = new Random(seed);
    this.clients = doors
      .flatMap((queue, door) => [
        ...[1, 2, 3].map((n) => new Producer(queue, history, `producer-${door}-${n}`, PRODUCER, random)),
        ...[1, 2].map((n) => new Worker(queue, history, `worker-${door}-${n}`, WORKER, random)),
        new Reader(queue, history, `reader-${door}`, 20),
      ])
      .map((client) => untilStopped(client, signal));
  }

  /** Lets every call under way end. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.clients);
  }
}

/** Step after step until the signal; rests when there was nothing to do. */
export async function untilStopped(client: { step(): Promise<number | null> }, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const done = await client.step();
    if (!done) await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
}
