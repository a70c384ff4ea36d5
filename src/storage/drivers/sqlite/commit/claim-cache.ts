import type { Tick } from '../../../../domain/time.js';
import { claimMembers, type ClaimRow, type ClaimTable } from '../tables/claims.js';

interface Entry {
  row: ClaimRow | null;
  changed: boolean;
}

/** The claims that a commit touches, written once; one that holds nothing any more is dropped (semantics C9). */
export class ClaimCache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly table: ClaimTable,
    private readonly tick: Tick,
  ) {}

  /** The claim when it lives and holds a message, as this commit has left it. */
  live(q: number, id: string): ClaimRow | null {
    const row = this.entry(q, id).row;
    return row && row.remaining > 0 && row.ends > this.tick ? row : null;
  }

  add(row: ClaimRow): void {
    this.entries.set(key(row.q, row.id), { row, changed: true });
  }

  /** A message comes under a claim that lives, and may hold others already: what a copy needs. */
  gain(claim: Omit<ClaimRow, 'members' | 'remaining'>, k: number): void {
    const known = this.entry(claim.q, claim.id).row;
    const members = JSON.stringify([...(known ? claimMembers(known) : []), k]);
    this.add({ ...claim, members, remaining: (known?.remaining ?? 0) + 1 });
  }

  /** The claim was given another end. */
  changed(row: ClaimRow): void {
    this.entry(row.q, row.id).changed = true;
  }

  /** A message under the claim is gone. */
  lose(q: number, id: string): void {
    const entry = this.entry(q, id);
    if (!entry.row) return;
    entry.row.remaining -= 1;
    entry.changed = true;
  }

  end(row: ClaimRow): void {
    const entry = this.entry(row.q, row.id);
    row.remaining = 0;
    entry.changed = true;
  }

  flush(): void {
    for (const { row, changed } of this.entries.values()) {
      if (!row || !changed) continue;
      if (row.remaining > 0) this.table.put(row);
      else this.table.remove(row.q, row.id);
    }
    this.entries.clear();
  }

  private entry(q: number, id: string): Entry {
    let entry = this.entries.get(key(q, id));
    if (!entry) {
      entry = { row: this.table.live(q, id, this.tick), changed: false };
      this.entries.set(key(q, id), entry);
    }
    return entry;
  }
}

function key(q: number, id: string): string {
  return `${q}/${id}`;
}
