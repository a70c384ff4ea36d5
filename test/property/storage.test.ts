import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import type { Storage } from '../../src/storage/ports/index.js';
import { PLANTED } from '../support/history/planted.js';
import { Sequences } from './sequences.js';
import type { Reopenable } from './world.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';

/** Queues as long as a few steps make them, and queues over several levels of whatever index a driver keeps. */
const SHAPES = [
  { shape: 'short queues', sizes: { post: 5, take: 8 }, runs: LONG ? 12_000 : 4_000, length: 30, seconds: 25 },
  { shape: 'long queues', sizes: { post: 400, take: 300 }, runs: LONG ? 600 : 60, length: 25, seconds: 15 },
];

/** The long tier is bounded by its sequences, not by time: a busy machine takes its time over them. */
const TIMEOUT_MS = LONG ? 3_600_000 : 60_000;

/** So many sequences at least must have been run when time is up, or the test proves nothing. */
const LEAST_RUNS = 10;

/** A SQLite file that can be closed and opened again. */
class SqliteStore implements Reopenable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'marconi-property-'));
  private open: Storage | null = null;

  get storage(): Storage {
    return this.open!;
  }

  async reopen(): Promise<void> {
    await this.open?.close();
    const path = join(this.folder, 'marconi.db');
    const options = { path, synchronous: 'normal', reserveBytes: 0, ballastBytes: 0, execution: 'inline' } as const;
    this.open = await openSqlite(options);
  }

  async dispose(): Promise<void> {
    await this.open?.close();
    rmSync(this.folder, { recursive: true });
  }
}

describe('SQLite answers as the reference model', () => {
  let store: SqliteStore;
  beforeEach(async () => {
    store = new SqliteStore();
    await store.reopen();
  });
  afterEach(() => store.dispose());

  it.each(SHAPES)(
    'on $shape',
    async ({ sizes, runs, length, seconds }) => {
      const sequences = new Sequences(store);
      const bounds = LONG ? {} : { interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false };
      await fc.assert(sequences.property(sizes, length), { numRuns: runs, ...bounds });
      expect(sequences.ran).toBeGreaterThanOrEqual(LONG ? runs : LEAST_RUNS);
    },
    TIMEOUT_MS,
  );
});

describe('random sequences', () => {
  it.each(PLANTED)('notice a storage that $bug', async ({ wrap }) => {
    const memory = openMemory();
    const storage = { ...memory, messages: wrap(memory.messages) };
    const store = { storage, reopen: async () => undefined };
    const property = new Sequences(store).property({ post: 5, take: 8 }, 30);
    const details = await fc.check(property, { numRuns: 500, endOnFailure: true, seed: 20_261_124 });
    expect(details.failed).toBe(true);
  });
});
