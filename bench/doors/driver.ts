import { randomIds } from '../../src/app/runtime.js';
import { OPTIONS } from '../../src/config/index.js';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import { makeQueue } from '../flat/backlog.js';
import { batchOf } from './bodies.js';
import { BATCH, type LoadResult } from './order.js';

/** Posts batches one after another to the driver, as the engine's commit does, with the settings of the service. */
async function run(path: string, warmMs: number, runMs: number): Promise<LoadResult> {
  const storage = await openSqlite({
    path,
    synchronous: 'full',
    reserveBytes: OPTIONS['sqlite.reserveBytes'].default,
    ballastBytes: OPTIONS['sqlite.ballastBytes'].default,
  });
  const queue = await makeQueue(storage, 'bench', storage.clock.now());
  const messages = batchOf(BATCH).map(({ body, contentType, ttlSeconds }) => ({ body, contentType, ttl: ttlSeconds }));
  const starts = performance.now() + warmMs;
  const ends = starts + runMs;
  let all = 0;
  let stored = 0;
  while (performance.now() < ends) {
    const post = { kind: 'post', queue, batch: randomIds.batch(), poster: null, messages, key: null } as const;
    const [outcome] = await storage.messages.apply({ ops: [post], now: storage.clock.now() });
    if (outcome?.kind !== 'posted') throw new Error(`A batch was not stored: ${outcome?.kind}`);
    all += BATCH;
    const now = performance.now();
    if (now >= starts && now <= ends) stored += BATCH;
  }
  const stats = await storage.messages.stats(queue, storage.clock.now());
  if (stats.kind === 'gone' || stats.total !== all) throw new Error('The driver has not what it acknowledged.');
  await storage.close();
  return { perSecond: (stored * 1000) / runMs };
}

const [path = '', warmMs, runMs] = process.argv.slice(2);
run(path, Number(warmMs), Number(runMs))
  .then((result) => process.send?.(result))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => process.disconnect());
