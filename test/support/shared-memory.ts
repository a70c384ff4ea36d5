import { openMemory } from '../../src/storage/drivers/memory/index.js';
import type { MessageOp, Signals, Storage, StoreClock } from '../../src/storage/ports/index.js';

/** Tells every other core on the storage of what came to be claimable, unless the test loses it; counts the watches. */
export class FakeSignals {
  /** True: signals are lost. */
  deaf = false;
  private readonly watches = new Set<{ core: string; uid: string; changed: () => void }>();

  /** How many incarnations each core watches now, and how often. */
  watched(core: string): readonly string[] {
    return [...this.watches].filter((watch) => watch.core === core).map(({ uid }) => uid);
  }

  /** The signals of one core. */
  of(core: string): Signals {
    return {
      watch: (uid, changed) => {
        const watch = { core, uid, changed };
        this.watches.add(watch);
        return () => void this.watches.delete(watch);
      },
    };
  }

  /** Tells all cores but one. */
  tell(from: string, uid: string): void {
    if (this.deaf) return;
    for (const watch of this.watches) if (watch.core !== from && watch.uid === uid) watch.changed();
  }
}

/** The kinds of steps of which other cores are told. */
const NEWS: readonly MessageOp['kind'][] = ['post', 'releaseIfLive', 'fence'];

/** One memory storage as several cores see it: shared, and committing by queue. */
export class SharedMemory {
  readonly signals = new FakeSignals();
  private readonly memory: Storage;

  constructor(clock: StoreClock) {
    this.memory = openMemory({ clock });
  }

  /** The storage as one core has it; `tried` hears of every step. */
  core(name: string, tried: (op: MessageOp) => void = () => undefined): Storage {
    const { messages } = this.memory;
    const apply: typeof messages.apply = async (batch) => {
      batch.ops.forEach(tried);
      const outcomes = await messages.apply(batch);
      for (const { kind, queue } of batch.ops) if (NEWS.includes(kind)) this.signals.tell(name, queue.uid);
      return outcomes;
    };
    return {
      ...this.memory,
      capabilities: { commitScope: 'queue', persistent: false, shared: true },
      signals: this.signals.of(name),
      messages: new Proxy(messages, {
        get: (target, key) => (key === 'apply' ? apply : (Reflect.get(target, key) as () => unknown).bind(target)),
      }),
    };
  }
}
