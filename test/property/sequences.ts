import fc from 'fast-check';
import { commands, compareAll, type Nothing } from './commands.js';
import type { Sizes } from './steps.js';
import { World, type Reopenable } from './world.js';

/** Runs sequences on one storage: each on queues of its own, at times after those of all before it. */
export class Sequences {
  private now = 0;
  private count = 0;

  constructor(private readonly store: Reopenable) {}

  /** Sequences that were run, those for shrinking included. */
  get ran(): number {
    return this.count;
  }

  /** The storage answers as the reference model, whatever is done in whatever order and at whatever times. */
  property(sizes: Sizes, length: number): fc.IAsyncProperty<[Iterable<fc.AsyncCommand<Nothing, World>>]> {
    const sequences = fc.commands(commands(sizes), { maxCommands: length, size: 'max' });
    return fc.asyncProperty(sequences, async (sequence) => {
      this.count++;
      await this.inWorld(async (world) => {
        await fc.asyncModelRun((): { model: Nothing; real: World } => ({ model: {}, real: world }), sequence);
        await compareAll(world, 0, 1_000);
      });
    });
  }

  /** Worlds begin on a whole second. */
  private async inWorld(run: (world: World) => Promise<void>): Promise<void> {
    const { storage } = this.store;
    this.now = Math.ceil(Math.max(this.now, storage.clock.now()) / 1000) * 1000 + 1000;
    const world = await World.open(this.store, this.now);
    try {
      await run(world);
    } finally {
      this.now = world.now;
      await world.close();
      await this.store.storage.messages.sweep(this.now, 10_000);
    }
  }
}
