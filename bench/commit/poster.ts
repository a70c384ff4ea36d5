import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import { BENCH_CALL, benchEngine } from '../support/engine.js';

/** What one run came to. */
export interface CommitRun {
  readonly posts: number;
  /** Durable commits as the driver tells them. */
  readonly commits: number;
  readonly seconds: number;
}

const MIB = 1024 * 1024;

/** Posts single messages of 1 KiB, so many at a time, for so many seconds. */
async function run(folder: string, maxSteps: number, inFlight: number, seconds: number): Promise<CommitRun> {
  let commits = 0;
  const storage = await openSqlite({
    path: `${folder}/marconi.db`,
    synchronous: 'full',
    reserveBytes: 64 * MIB,
    ballastBytes: 0,
    observer: { committed: () => commits++ },
  });
  const engine = benchEngine(storage, { maxSteps });
  await engine.queues.create(BENCH_CALL, 'bench');
  const message = { body: Buffer.from(JSON.stringify('x'.repeat(1022))), contentType: '', ttl: 3600 };
  const started = performance.now();
  const before = commits;
  let posts = 0;
  const poster = async (): Promise<void> => {
    while (performance.now() - started < seconds * 1000) {
      await engine.messages.post(BENCH_CALL, 'bench', { poster: null, messages: [message], key: null });
      posts++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, poster));
  const result = { posts, commits: commits - before, seconds: (performance.now() - started) / 1000 };
  await engine.drain();
  await storage.close();
  return result;
}

const [folder = '', maxSteps, inFlight, seconds] = process.argv.slice(2);
run(folder, Number(maxSteps), Number(inFlight), Number(seconds))
  .then((result) => process.send?.(result))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => process.disconnect());
