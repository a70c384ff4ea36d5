import { grpcClient } from '../load/grpc-client.js';
import type { DoorClient } from '../load/door-client.js';
import { startMarconi, type RunningMarconi, type StartOptions } from '../server.js';
import { waitFor } from '../wait.js';

/** Milliseconds that a caller waits while no core is up at all. */
const ANY_CORE_MS = 60_000;

/** A core that is up, and a client of its door. */
export interface Core {
  readonly node: RunningMarconi;
  readonly door: DoorClient;
}

/** Cores on one database, each a process of its own, which are killed and started again while others go on. */
export class Cores {
  /** True once they are to be ended: none is started any more. */
  stopped = false;
  private readonly starting = new Set<Promise<void>>();

  private constructor(
    private readonly storages: readonly string[],
    private readonly options: StartOptions,
    private readonly up: (Core | null)[],
  ) {}

  /** Starts a core for each storage URI: the same database, or proxies before it. */
  static async start(storages: readonly string[], options: StartOptions = {}): Promise<Cores> {
    const cores = new Cores(
      storages,
      options,
      storages.map(() => null),
    );
    // One after another: together they take longer on few processors.
    for (const at of storages.keys()) await cores.revive(at);
    return cores;
  }

  /** The core of that number, which must be up. */
  core(at: number): Core {
    const core = this.up[at];
    if (!core) throw new Error(`Core ${at} is down.`);
    return core;
  }

  isUp(at: number): boolean {
    return this.up[at] !== null;
  }

  /** How many are up. */
  get living(): number {
    return this.up.filter((core) => core !== null).length;
  }

  /** The door of that core, or of the next one that is up; waits while none is. */
  door(home: number): Promise<DoorClient> {
    const order = this.up.map((_, step) => (home + step) % this.up.length);
    const find = (): DoorClient | undefined => order.map((at) => this.up[at]?.door).find(Boolean);
    return waitFor('a core that is up', find, { ms: ANY_CORE_MS });
  }

  /** kill -9; resolves when the process is gone. */
  async kill(at: number): Promise<void> {
    const { node, door } = this.core(at);
    this.up[at] = null;
    node.kill('SIGKILL');
    await node.exited;
    door.close();
  }

  /** Starts the core of that number, which is down; resolves when it answers. */
  async revive(at: number): Promise<void> {
    if (this.stopped) return;
    const start = startMarconi({ ...this.options, command: 'core', storage: this.storages[at] ?? '' });
    const done = start.then((node) => {
      this.up[at] = { node, door: grpcClient(node.grpcAddress) };
    });
    this.starting.add(done);
    await done.finally(() => this.starting.delete(done));
  }

  /** Ends all of them in an orderly way; gives their exit codes. */
  async stop(): Promise<readonly (number | NodeJS.Signals)[]> {
    this.stopped = true;
    await Promise.allSettled(this.starting);
    const cores = this.up.flatMap((core) => core ?? []);
    return Promise.all(
      cores.map(({ node, door }) => {
        door.close();
        node.kill('SIGCONT');
        return node.stop();
      }),
    );
  }
}
