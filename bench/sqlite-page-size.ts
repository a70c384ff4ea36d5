import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqlite } from '../src/storage/drivers/sqlite/index.js';
import type { MessageOp, QueueRef, Storage } from '../src/storage/ports/index.js';

/**
 * npm run bench -- sqlite-page-size [BODY_BYTES]: page sizes on the driver's own work, all of it durable. One line per size:
 * posts in commits of 1 and of 64, and rounds of claiming 10 and deleting them; each as steps per second, processor
 * microseconds a step and KiB written a step (Linux). On a busy machine only the last two mean something.
 */
const bodyBytes = Number(process.argv[2] ?? 1_024);
const RUN_MS = 1_500;
const RUNS = 3;
const queue: QueueRef = { uid: '1'.repeat(32), pool: 'default' };
const body = Buffer.alloc(bodyBytes, 0x20);

function post(): MessageOp {
  const batch = randomBytes(12).toString('base64url');
  return { kind: 'post', queue, batch, poster: null, key: null, messages: [{ body, contentType: '', ttl: 3_600 }] };
}

async function posts(storage: Storage, steps: number): Promise<number> {
  await storage.messages.apply({ ops: Array.from({ length: steps }, post), now: storage.clock.now() });
  return steps;
}

async function claimAndDelete(storage: Storage): Promise<number> {
  const claim = randomBytes(12).toString('base64url');
  const portion = { ttl: 300, grace: 60, limit: 10, maxBytes: 3 << 20 };
  const now = storage.clock.now();
  const [taken] = await storage.messages.apply({ ops: [{ kind: 'claimNext', queue, claim, ...portion }], now });
  if (!taken || !('claim' in taken)) throw new Error('The queue ran empty: shorten the run.');
  const ids = taken.claim.messages.map(({ id }) => id);
  await storage.messages.apply({ ops: [{ kind: 'acknowledgeIfHolder', queue, claim, ids }], now });
  return 1;
}

/** Bytes that this process has handed to the system so far. */
function written(): number {
  return Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

/** Runs a piece of work again and again, and says what a step of it costs. */
async function cost(work: () => Promise<number>): Promise<string> {
  const [started, cpu, bytes] = [performance.now(), process.cpuUsage(), written()];
  let steps = 0;
  while (performance.now() - started < RUN_MS) steps += await work();
  const { user, system } = process.cpuUsage(cpu);
  const rate = (steps / (performance.now() - started)) * 1_000;
  const kib = (written() - bytes) / 1_024 / steps;
  return `${rate.toFixed(0)}/s ${((user + system) / steps).toFixed(0)} us ${kib.toFixed(1)} KiB`;
}

/** The driver takes a file that has a page size already as it is. */
async function measure(pageSize: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'marconi-pages-'));
  const path = join(folder, 'marconi.db');
  const bare = new Database(path);
  bare.exec(`PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = 2; CREATE TABLE t (a); DROP TABLE t;`);
  bare.close();
  const storage = await openSqlite({ path, synchronous: 'full', reserveBytes: 0, ballastBytes: 0 });
  await storage.messages.apply({ ops: [{ kind: 'open', queue }], now: storage.clock.now() });
  const alone = await cost(() => posts(storage, 1));
  const grouped = await cost(() => posts(storage, 64));
  const claims = await cost(() => claimAndDelete(storage));
  await storage.close();
  rmSync(folder, { recursive: true });
  return `alone ${alone} · in 64s ${grouped} · claim and delete 10 ${claims}`;
}

async function main(): Promise<void> {
  for (let run = 0; run < RUNS; run++) {
    for (const pageSize of [4_096, 8_192, 16_384]) {
      console.log(`page ${pageSize}: ${await measure(pageSize)}`);
    }
  }
}

void main();
