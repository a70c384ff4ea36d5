import type { TenantScope } from '../../domain/principal.js';
import type { ControlStore, Gone, QueueRecord, QueueRef } from '../../storage/ports/index.js';

/** Incarnations that are remembered at the most; the least recently used are forgotten. */
const MAX_REMEMBERED = 20_000;

/** How often a use is tried anew when the incarnation turns out to be gone: once for a stale memory, once for a race. */
const TRIES = 3;

/** A queue that was used lately. */
export interface RememberedQueue {
  readonly scope: TenantScope;
  readonly name: string;
  readonly ref: QueueRef;
}

/** A key that no other project and name share: the global project is not the one named "". */
function keyOf(scope: TenantScope, name: string): string {
  return scope.project === null ? `/${name}` : `${name}/${scope.project}`;
}

function isGone(value: unknown): value is Gone {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'gone';
}

/** Finds the incarnation behind a name, remembers it, and confirms it by use. */
export class QueueDirectory {
  private readonly remembered = new Map<string, RememberedQueue>();
  /** Looks at rows that are under way, by key. */
  private readonly underWay = new Map<string, Promise<QueueRecord | null>>();

  constructor(private readonly control: ControlStore) {}

  /** The queue's row, from the store. */
  async read(scope: TenantScope, name: string): Promise<QueueRecord | null> {
    const record = await this.control.findQueue(scope.project, name);
    if (record === null) this.forget(scope, name);
    else this.remember(scope, name, record.ref);
    return record;
  }

  /**
   * Uses the queue's incarnation; null when there is none. An answer `gone` shows that a remembered incarnation is no
   * longer the queue's: it is looked up again, so that no use of an old incarnation is ever answered. One that was just
   * looked up and is gone was left so by a deletion that did not get to its end: it is ended here.
   */
  async use<T>(scope: TenantScope, name: string, use: (ref: QueueRef) => Promise<T | Gone>): Promise<T | null> {
    for (let left = TRIES; left > 0; left--) {
      const remembered = this.recall(scope, name);
      const ref = remembered ?? (await this.lookUp(scope, name, left === TRIES))?.ref;
      if (ref === undefined) return null;
      const result = await use(ref);
      if (!isGone(result)) return result;
      this.forget(scope, name);
      if (remembered === undefined) await this.control.deleteQueue(scope.project, name, ref.uid);
    }
    return null;
  }

  /**
   * Uses that come while a queue is looked up wait for that look, and so stay in their order: one that found the queue
   * remembered would overtake them otherwise. A look from before may miss a queue that was made since: then another one
   * is taken.
   */
  private async lookUp(scope: TenantScope, name: string, mayJoin: boolean): Promise<QueueRecord | null> {
    const key = keyOf(scope, name);
    const other = mayJoin ? this.underWay.get(key) : undefined;
    const joined = other === undefined ? null : await other;
    if (joined !== null) return joined;
    const look = this.read(scope, name);
    this.underWay.set(key, look);
    try {
      return await look;
    } finally {
      if (this.underWay.get(key) === look) this.underWay.delete(key);
    }
  }

  forget(scope: TenantScope, name: string): void {
    this.remembered.delete(keyOf(scope, name));
  }

  /** Up to `limit` queues that were used last, the last one first. */
  recent(limit: number): readonly RememberedQueue[] {
    return [...this.remembered.values()].slice(-limit).reverse();
  }

  private recall(scope: TenantScope, name: string): QueueRef | undefined {
    const key = keyOf(scope, name);
    const known = this.remembered.get(key);
    if (known === undefined) return undefined;
    this.remembered.delete(key);
    this.remembered.set(key, known);
    return known.ref;
  }

  private remember(scope: TenantScope, name: string, ref: QueueRef): void {
    const key = keyOf(scope, name);
    this.remembered.delete(key);
    this.remembered.set(key, { scope, name, ref });
    if (this.remembered.size <= MAX_REMEMBERED) return;
    const oldest = this.remembered.keys().next();
    if (!oldest.done) this.remembered.delete(oldest.value);
  }
}
