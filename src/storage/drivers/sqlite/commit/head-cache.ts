import type { Millis } from '../../../../domain/time.js';
import type { HeadRow, HeadTable } from '../tables/heads.js';

/** The queue incarnations that a commit touches, written once. */
export class HeadCache {
  private readonly byUid = new Map<string, HeadRow | null>();
  private readonly byNumber = new Map<number, HeadRow>();
  private readonly dirty = new Set<HeadRow>();

  constructor(private readonly table: HeadTable) {}

  /** The incarnation, fenced or not; null when it was never opened. */
  find(uid: string): HeadRow | null {
    let head = this.byUid.get(uid);
    if (head === undefined) {
      const row = this.table.find(uid);
      head = row ? (this.byNumber.get(row.q) ?? row) : null;
      this.remember(uid, head);
    }
    return head;
  }

  /** The incarnation when it is open. */
  open(uid: string): HeadRow | null {
    const head = this.find(uid);
    return head && head.fenced === null ? head : null;
  }

  numbered(q: number): HeadRow | null {
    const head = this.byNumber.get(q) ?? this.table.numbered(q);
    if (!head) return null;
    this.byNumber.set(q, head);
    return head;
  }

  create(uid: string, openedAt: Millis): HeadRow {
    const head = this.table.insert(uid, openedAt);
    this.remember(uid, head);
    return head;
  }

  changed(head: HeadRow): void {
    this.dirty.add(head);
  }

  flush(): void {
    for (const head of this.dirty) this.table.update(head);
    this.dirty.clear();
  }

  private remember(uid: string, head: HeadRow | null): void {
    this.byUid.set(uid, head);
    if (head) this.byNumber.set(head.q, head);
  }
}
