import type { Commit } from '../commit/commit.js';
import type { Cancel, EngineDeps } from '../deps.js';
import { jittered } from '../jitter.js';

/** Between two looks at one page of incarnations, on average. */
const PAUSE_MS = 10_000;

/** Incarnations looked at in one go. */
const PAGE = 200;

/**
 * An incarnation is opened a moment before it is named: younger ones are left alone. Its age is told by the store's
 * clock, on which all cores agree up to their skew, far below this; so what another core is just making is safe. A core
 * that is held up for longer than this between the two names an incarnation that is fenced; the queue then answers as
 * missing until it is deleted and made anew.
 */
const LEAST_AGE_MS = 60_000;

type Deps = Pick<EngineDeps, 'storage' | 'timers' | 'random' | 'observer'> & { readonly commit: Commit };

/**
 * Fences incarnations without a name: what a crash leaves behind between opening one and naming it, or between taking
 * the name away and fencing. The two stores share no transaction, so that somebody must look. Every core looks, each in a
 * time of its own; two that fence the same incarnation do what one does.
 */
export class OrphanCollector {
  private cancel: Cancel | null = null;
  private page: Promise<void> = Promise.resolve();
  private stopped = false;
  private after = '';

  constructor(private readonly deps: Deps) {}

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
    const { storage, commit } = this.deps;
    const { messages, control, clock } = storage;
    const page = await messages.openQueues(this.after, PAGE);
    const last = page.at(-1);
    this.after = page.length < PAGE || last === undefined ? '' : last.uid;
    const old = page.filter((queue) => clock.now() - queue.openedAt >= LEAST_AGE_MS).map((queue) => queue.uid);
    if (old.length === 0) return;
    const named = await control.namedUids(old);
    const orphans = old.filter((uid) => !named.has(uid));
    await Promise.all(orphans.map((uid) => commit.submit({ kind: 'fence', queue: { uid, pool: 'default' } })));
  }

  private plan(): void {
    if (this.stopped) return;
    const { timers, random, observer } = this.deps;
    this.cancel = timers.after(jittered(PAUSE_MS, random), () => {
      this.page = this.collectPage()
        .catch((cause: unknown) => observer.troubled('orphans', cause))
        .then(() => this.plan());
    });
  }
}
