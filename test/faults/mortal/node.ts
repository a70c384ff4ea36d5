import { addressesOf, WAYS_FLAG } from '../../support/load/ways.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import type { News } from './news.js';

/** A node that is killed and started again. */
export class MortalNode {
  kills = 0;
  /** What its clients are to know. */
  latest: News = { kind: 'down' };
  private starting: Promise<RunningMarconi>;

  constructor(
    private readonly storage: string,
    private readonly tell: (news: News) => void,
  ) {
    this.starting = this.start();
  }

  /** The node, once it is up. */
  get running(): Promise<RunningMarconi> {
    return this.starting;
  }

  /** kill -9; it is started again, which nobody waits for. */
  async kill(): Promise<void> {
    const node = await this.starting;
    node.kill('SIGKILL');
    this.spread({ kind: 'down' });
    this.kills++;
    this.starting = node.exited.then(() => this.start());
    await node.exited;
  }

  /** Nothing is left of it. */
  async end(): Promise<void> {
    const node = await this.starting;
    node.kill('SIGKILL');
    await node.exited;
  }

  private async start(): Promise<RunningMarconi> {
    const node = await startMarconi({ storage: this.storage, args: [WAYS_FLAG] });
    this.spread({ kind: 'up', addresses: addressesOf(node) });
    return node;
  }

  private spread(news: News): void {
    this.latest = news;
    this.tell(news);
  }
}
