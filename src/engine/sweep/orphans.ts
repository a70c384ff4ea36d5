import type { Storage } from '../../storage/ports/index.js';
import type { Commit } from '../commit/commit.js';
import type { Cancel, EngineObserver, Timers } from '../deps.js';

/** Between two looks at one page of incarnations. */
const PAUSE_MS = 10_000;

/** Incarnations looked at in one go. */
const PAGE = 200;

/** An incarnation is opened a moment before it is named: younger ones are left alone. */
const LEAST_AGE_MS = 60_000;

/**
 * Fences incarnations without a name: what a crash leaves behind between opening one and naming it, or between taking
 * the name away and fencing. The two stores share no transaction, so that somebody must look.
 */
export class OrphanCollector {
  private cancel: Cancel | null = null;
  private page: Promise<void> = Promise.resolve();
  private stopped = false;
  private after = '';

  constructor(
    private readonly storage: Storage,
    private readonly commit: Commit,
    private readonly timers: Timers,
    private readonly observer: EngineObserver,
  ) {}

  start(): void {
    this.plan();
  }

  /** Resolves when the page under way is done; none begins after it. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.page;
  }

  /** Looks at one page of incarnations, and begins anew after the last. */
  async collectPage(): Promise<void> {
    const { messages, control, clock } = this.storage;
    const page = await messages.openQueues(this.after, PAGE);
    const last = page.at(-1);
    this.after = page.length < PAGE || last === undefined ? '' : last.uid;
    const old = page.filter((queue) => clock.now() - queue.openedAt >= LEAST_AGE_MS).map((queue) => queue.uid);
    if (old.length === 0) return;
    const named = await control.namedUids(old);
    const orphans = old.filter((uid) => !named.has(uid));
    await Promise.all(orphans.map((uid) => this.commit.submit({ kind: 'fence', queue: { uid, pool: 'default' } })));
  }

  private plan(): void {
    if (this.stopped) return;
    this.cancel = this.timers.after(PAUSE_MS, () => {
      this.page = this.collectPage()
        .catch((cause: unknown) => this.observer.troubled('orphans', cause))
        .then(() => this.plan());
    });
  }
}
