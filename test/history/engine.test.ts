import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import { inProject, testEngine } from '../support/engine.js';
import { checkHistory, History, overEngine, Producer, Reader, recordEnd, Worker } from '../support/history/index.js';
import { Random } from '../support/random.js';

const MESSAGES = process.env.MARCONI_TEST_TIER === 'long' ? 100_000 : 20_000;
const PRODUCERS = 32;
const WORKERS = 16;
const READERS = 3;
const PRODUCER = { batch: 8, ttls: [3_600], repeats: 0.05 };
/** How long a reader that came to the end waits before it asks again. */
const POLL_MS = 5;
const WORKER = { limit: 20, ttl: 600, grace: 60, finish: 12, part: 2, renew: 1, release: 1, idle: 0 };

describe('the engine over SQLite', () => {
  it(`keeps its promises to ${PRODUCERS} producers, ${WORKERS} workers and ${READERS} readers of ${MESSAGES} messages`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marconi-history-'));
    const path = join(folder, 'marconi.db');
    const storage = await openSqlite({ path, synchronous: 'full', reserveBytes: 0, ballastBytes: 0 });
    const engine = testEngine(storage);
    const queue = await overEngine(engine, inProject('history'), 'jobs', 100);
    const history = new History();
    const random = new Random(20_261_124);
    let toPost = MESSAGES;
    let left = MESSAGES;

    const produce = async (producer: Producer): Promise<void> => {
      while (toPost > 0) {
        const share = Math.min(toPost, PRODUCER.batch);
        toPost -= share;
        const posted = await producer.step(share);
        toPost += share - posted;
      }
    };
    const work = async (worker: Worker): Promise<void> => {
      while (left > 0) {
        const removed = await worker.step();
        left -= removed ?? 0;
      }
    };
    const read = async (reader: Reader): Promise<void> => {
      while (left > 0) if ((await reader.step()) === 0) await setTimeout(POLL_MS);
      while ((await reader.step()) > 0);
    };

    await Promise.all([
      ...each(PRODUCERS, (n) => produce(new Producer(queue, history, `producer-${n}`, PRODUCER, random))),
      ...each(WORKERS, (n) => work(new Worker(queue, history, `worker-${n}`, WORKER, random))),
      ...each(READERS, (n) => read(new Reader(queue, history, `reader-${n}`, 200))),
    ]);
    await recordEnd(queue, history, 200);
    await engine.drain();
    await storage.close();
    rmSync(folder, { recursive: true });

    const posts = history.records().filter(({ op, ending }) => op.kind === 'post' && ending.kind === 'ok');
    expect(new Set(posts.flatMap(({ op }) => (op.kind === 'post' ? op.values : []))).size).toBe(MESSAGES);
    expect(left).toBe(0);
    expect(checkHistory(history)).toEqual([]);
  });
});

function each<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
