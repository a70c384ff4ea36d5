import type { Unwatch } from '../../../ports/index.js';

/** Who wants to hear of which queue. */
export class Interests {
  private readonly watchers = new Map<string, Set<() => void>>();

  get size(): number {
    return this.watchers.size;
  }

  add(uid: string, changed: () => void): Unwatch {
    const watchers = this.watchers.get(uid) ?? new Set();
    // One function may be given twice: each interest is a thing of its own.
    const watcher = () => changed();
    this.watchers.set(uid, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.watchers.get(uid) === watchers) this.watchers.delete(uid);
    };
  }

  tell(uid: string): void {
    for (const changed of this.watchers.get(uid) ?? []) changed();
  }

  tellAll(): void {
    for (const uid of [...this.watchers.keys()]) this.tell(uid);
  }

  uids(): readonly string[] {
    return [...this.watchers.keys()];
  }
}
