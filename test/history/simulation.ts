import { openMemory } from '../../src/storage/drivers/memory/index.js';
import type { MessageStore } from '../../src/storage/ports/index.js';
import { History, overStorage, Producer, Reader, recordEnd, Worker } from '../support/history/index.js';
import { Random } from '../support/random.js';

const PRODUCER = { batch: 3, ttls: [3_600, 3_600, 90], repeats: 0.1 };
const WORKER = { limit: 4, ttl: 60, grace: 60, finish: 5, part: 3, renew: 1, release: 1, idle: 4 };

/** One run of the clients in one thread on virtual time: the same seed gives the same history. */
export interface Simulation {
  readonly seed: number;
  readonly steps: number;
  /** Puts a fault between the clients and the store. */
  readonly wrap?: (messages: MessageStore) => MessageStore;
}

/** Runs 4 producers, 4 workers and 2 readers on the memory driver, with time that creeps and now and then jumps. */
export async function simulate({ seed, steps, wrap = (messages) => messages }: Simulation): Promise<History> {
  const random = new Random(seed);
  let now = 1_800_000_000_000;
  const memory = openMemory({ clock: { skew: 0, now: () => now } });
  const queue = await overStorage({ ...memory, messages: wrap(memory.messages) }, () => now);
  const history = new History({ clock: () => ++now });
  const clients = [
    ...names('producer', 4).map((name) => new Producer(queue, history, name, PRODUCER, random)),
    ...names('worker', 4).map((name) => new Worker(queue, history, name, WORKER, random)),
    ...names('reader', 2).map((name, index) => new Reader(queue, history, name, [5, 20][index]!)),
  ];
  for (let step = 0; step < steps; step++) {
    now += random.chance(0.01) ? random.between(20_000, 130_000) : random.between(1, 50);
    if (random.chance(0.002)) await memory.messages.sweep(now, 20);
    await random.pick(clients).step();
  }
  now += 1_000;
  await recordEnd(queue, history, 100);
  return history;
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index}`);
}
