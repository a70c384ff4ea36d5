import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { forkTs, killHard } from '../../support/child/ts-child.js';
import type { Way } from '../../support/load/ways.js';
import type { Random } from '../../support/random.js';
import { JournalReader } from './journal.js';
import type { News } from './news.js';

/** What the clients of one process do. */
export type Role = 'producer' | 'worker';

/** What all of them have in common. */
export interface World {
  readonly folder: string;
  readonly queue: string;
  readonly random: Random;
  /** What one that is born hears first. */
  readonly latest: () => News;
}

/** Clients of one role that go one way, in a process of their own that is killed and started again. */
export class MortalClient {
  kills = 0;
  readonly journal: JournalReader;
  private readonly path: string;
  private child: ChildProcess;
  /** Where its journal ended when it was started. */
  private begun = 0;
  private lives = 0;
  private isDying = false;
  private isEnded = false;

  constructor(
    readonly role: Role,
    readonly way: Way,
    private readonly world: World,
  ) {
    this.path = join(world.folder, `${role}-${way}.journal`);
    this.journal = new JournalReader(this.path);
    this.child = this.start();
  }

  /** True once it did something in this life. */
  get isAtWork(): boolean {
    return this.journal.offset > this.begun;
  }

  /** What it ended with by itself, which it never should. */
  get failure(): string | null {
    const { exitCode, signalCode } = this.child;
    const ended = exitCode ?? signalCode;
    return ended === null || this.isDying ? null : `The ${this.role} over ${this.way} ended with ${ended}.`;
  }

  tell(news: News): void {
    // One that is being killed hears nothing any more.
    if (this.child.connected) this.child.send(news, () => undefined);
  }

  /** kill -9, and a new start. */
  async kill(): Promise<void> {
    this.isDying = true;
    await killHard(this.child);
    if (this.isEnded) return;
    this.kills++;
    this.child = this.start();
    this.isDying = false;
  }

  /** Lets it end what it does; gives its exit code. */
  async stop(): Promise<number | null> {
    this.isDying = true;
    const exited = once(this.child, 'exit');
    this.tell({ kind: 'stop' });
    const [code] = (await exited) as [number | null];
    return code;
  }

  /** Nothing is left of it. */
  async end(): Promise<void> {
    this.isDying = this.isEnded = true;
    await killHard(this.child);
    this.journal.close();
  }

  private start(): ChildProcess {
    this.begun = this.journal.offset;
    const { queue, random, latest } = this.world;
    const chance = [this.lives++, random.between(0, 1e9)].map(String);
    const args = [this.role, this.way, this.path, queue, ...chance];
    const child = forkTs(join(__dirname, '../children/mortal-client.ts'), { args });
    child.send(latest(), () => undefined);
    return child;
  }
}
