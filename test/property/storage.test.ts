import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import type { Storage } from '../../src/storage/ports/index.js';
import { commands, compareAll, type Nothing } from './commands.js';
import { World, type Reopenable } from './world.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';

/** Queues as long as a few steps make them, and queues over several levels of whatever index a driver keeps. */
const SHAPES = [
  { shape: 'short queues', sizes: { post: 5, take: 8 }, runs: LONG ? 12_000 : 3_000, length: 30, seconds: 25 },
  { shape: 'long queues', sizes: { post: 400, take: 300 }, runs: LONG ? 600 : 60, length: 25, seconds: 15 },
];

/** So many sequences at least must have been run when time is up, or the test proves nothing. */
const LEAST_RUNS = 10;

/** One SQLite file for all sequences, each with queues of its own; time goes on from one to the next. */
class SqliteStore implements Reopenable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'marconi-property-'));
  private open: Storage | null = null;
  private now = 0;

  get storage(): Storage {
    return this.open!;
  }

  async reopen(): Promise<void> {
    await this.open?.close();
    const path = join(this.folder, 'marconi.db');
    const options = { path, synchronous: 'normal', reserveBytes: 0, ballastBytes: 0, execution: 'inline' } as const;
    this.open = await openSqlite(options);
  }

  /** Runs a sequence in a world that begins on a whole second after all others. */
  async inWorld(run: (world: World) => Promise<void>): Promise<void> {
    this.now = Math.ceil(Math.max(this.now, this.storage.clock.now()) / 1000) * 1000 + 1000;
    const world = await World.open(this, this.now);
    try {
      await run(world);
    } finally {
      this.now = world.now;
      await world.close();
      await this.storage.messages.sweep(this.now, 10_000);
    }
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

  it.each(SHAPES)('on $shape', async ({ sizes, runs, length, seconds }) => {
    let ran = 0;
    const property = fc.asyncProperty(
      fc.commands(commands(sizes), { maxCommands: length, size: 'max' }),
      async (sequence) => {
        ran++;
        await store.inWorld(async (world) => {
          await fc.asyncModelRun((): { model: Nothing; real: World } => ({ model: {}, real: world }), sequence);
          await compareAll(world, 0, 1_000);
        });
      },
    );
    const bounds = LONG ? {} : { interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false };
    await fc.assert(property, { numRuns: runs, verbose: fc.VerbosityLevel.None, ...bounds });
    expect(ran).toBeGreaterThanOrEqual(LEAST_RUNS);
  });
});
