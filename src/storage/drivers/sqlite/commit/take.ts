import type { NothingClaimable } from '../../../ports/index.js';
import { BlockSearch } from '../tables/block-search.js';
import { FAN_OUT } from '../tables/blocks.js';
import type { HeadRow } from '../tables/heads.js';
import { NO_ONE, type MessageRow } from '../tables/messages.js';
import { TickKind } from '../tables/ticks.js';
import type { Commit } from './commit.js';

/** How much is taken: at most `limit` messages and `maxBytes` of bodies, and one in any case. */
export interface Portion {
  readonly limit: number;
  readonly maxBytes: number;
}

/**
 * The first claimable messages in marker order (semantics C1, C2). A block that turns out to hold none is made exact, so
 * that no later search looks into it again.
 */
export function firstClaimable(commit: Commit, head: HeadRow, { limit, maxBytes }: Portion): readonly MessageRow[] {
  const { tables, summaries, tick } = commit;
  summaries.settle(head.q);
  const filter = { tick, dueBy: tick, without: NO_ONE };
  const search = new BlockSearch(tables.blocks, head.q, { kind: 'open', filter }, (level, block) =>
    summaries.repair(head.q, level, block),
  );
  const taken: MessageRow[] = [];
  let bytes = 0;
  let from = 0;
  while (taken.length < limit) {
    const block = search.next(from);
    if (block === null) break;
    const lo = block * FAN_OUT;
    const found = tables.messages.open(head.q, lo, lo + FAN_OUT - 1, filter, limit - taken.length);
    if (found.length === 0) summaries.repair(head.q, 1, block);
    for (const row of found) {
      bytes += row.size;
      if (taken.length > 0 && bytes > maxBytes) return taken;
      taken.push(row);
    }
    from = block + 1;
  }
  return taken;
}

/** The answer when nothing is claimable, with the first tick at which a hold ends. */
export function nothingClaimable(commit: Commit, head: HeadRow): NothingClaimable {
  commit.counts.flush(head.q);
  return { kind: 'none', nextAt: commit.tables.ticks.next(head.q, TickKind.HELD, commit.tick) };
}
