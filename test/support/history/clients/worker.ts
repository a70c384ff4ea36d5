import type { Random } from '../../random.js';
import type { History } from '../history.js';
import type { Sighting } from '../operations.js';
import type { QueueAccess } from './queue-access.js';
import { record } from './record.js';

/** How a worker treats its claims: weights of what it does next with one it holds. */
export interface WorkerHabits {
  readonly limit: number;
  readonly ttl: number;
  readonly grace: number;
  readonly finish: number;
  readonly part: number;
  readonly renew: number;
  readonly release: number;
  /** Does nothing, so that the claim may end under it. */
  readonly idle: number;
}

/** Claims, and acknowledges, renews, releases or oversleeps what it holds. */
export class Worker {
  private held: { readonly claim: string; messages: readonly Sighting[] } | null = null;

  constructor(
    private readonly queue: QueueAccess,
    private readonly history: History,
    readonly name: string,
    private readonly habits: WorkerHabits,
    private readonly random: Random,
  ) {}

  /** One call; gives the number of messages that it removed, and null when there was nothing to claim. */
  async step(): Promise<number | null> {
    if (!this.held) return this.claim();
    const { finish, part, renew, release, idle } = this.habits;
    switch (this.random.weighted({ finish, part, renew, release, idle })) {
      case 'finish':
        return this.remove(this.held.messages.length);
      case 'part':
        return this.remove(1);
      case 'renew':
        return this.renew();
      case 'release':
        return this.release();
      case 'idle':
        return 0;
    }
  }

  private async claim(): Promise<number | null> {
    const { ttl, grace, limit } = this.habits;
    const op = { kind: 'claim', queue: this.queue.name, ttl, grace } as const;
    const answer = await record(this.history, this.name, op, () => this.queue.claim(ttl, grace, limit));
    this.held = answer?.result ?? null;
    return this.held ? 0 : null;
  }

  private async remove(count: number): Promise<number> {
    const { claim, messages } = this.held!;
    const ids = messages.slice(0, count).map(({ id }) => id);
    const op = { kind: 'remove', queue: this.queue.name, ids, claim } as const;
    const call = async () => ({ outcomes: await this.queue.remove(ids, claim) });
    const answer = await record(this.history, this.name, op, call);
    const left = messages.slice(count);
    this.held = left.length > 0 ? { claim, messages: left } : null;
    return answer?.result.outcomes.filter((outcome) => outcome === 'removed' || outcome === 'gone').length ?? 0;
  }

  private async renew(): Promise<number> {
    const { claim } = this.held!;
    const { ttl, grace } = this.habits;
    const op = { kind: 'renew', queue: this.queue.name, claim, ttl, grace } as const;
    await record(this.history, this.name, op, async () => ({ renewed: await this.queue.renew(claim, ttl, grace) }));
    return 0;
  }

  private async release(): Promise<number> {
    const { claim } = this.held!;
    const op = { kind: 'release', queue: this.queue.name, claim } as const;
    await record(this.history, this.name, op, async () => ({ released: await this.queue.release(claim) }));
    this.held = this.random.chance(0.5) ? this.held : null;
    return 0;
  }
}
