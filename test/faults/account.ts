/** What was acknowledged, and what therefore must be and must not be in the store. */
export class Account {
  /** Acknowledged posts. */
  readonly posted = new Set<string>();
  /** Deletions that were asked for. */
  readonly deleting = new Set<string>();
  /** Acknowledged deletions. */
  readonly deleted = new Set<string>();

  /** Notes an event; `kind` is one of the sets. */
  note(kind: 'posted' | 'deleting' | 'deleted', ids: readonly string[]): void {
    for (const id of ids) this[kind].add(id);
  }

  /** Acknowledged messages that are not stored though nobody asked to delete them. */
  lost(stored: readonly string[]): string[] {
    const present = new Set(stored);
    return [...this.posted].filter((id) => !present.has(id) && !this.deleting.has(id));
  }

  /** Stored messages whose deletion was acknowledged. */
  deletedAndBack(stored: readonly string[]): string[] {
    return stored.filter((id) => this.deleted.has(id));
  }
}
