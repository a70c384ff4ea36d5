import { HoldState, type Life } from '../../../../domain/life.js';
import { currentTick, type Millis, type Tick } from '../../../../domain/time.js';
import { NEVER } from '../schema/ddl.js';
import type { HeadRow } from '../tables/heads.js';
import type { Tables } from '../tables/index.js';
import { freed, type MessageInsert, type MessageRow } from '../tables/messages.js';
import { TickKind } from '../tables/ticks.js';
import { ClaimCache } from './claim-cache.js';
import { HeadCache } from './head-cache.js';
import { Summaries } from './summaries.js';
import { TickCounts } from './tick-counts.js';

/** Bounds that leave a block's posters as they are: no poster is above the first or below the second. */
const SAME_POSTERS = { posterLo: Buffer.alloc(17, 0xff), posterHi: Buffer.alloc(0) };

/**
 * One commit under way: the changes of its steps, with everything that hangs on a message (its queue's counters, the
 * counts of what falls due, the skip index, its claim) kept in step and written once at the end by `flush`.
 */
export class Commit {
  readonly tick: Tick;
  readonly heads: HeadCache;
  readonly claims: ClaimCache;
  readonly summaries: Summaries;
  readonly counts: TickCounts;
  private readonly changesBefore: number;

  /** `refuseGrowth`: there is no room for steps that add. */
  constructor(
    readonly tables: Tables,
    readonly now: Millis,
    readonly refuseGrowth: boolean,
  ) {
    this.tick = currentTick(now);
    this.changesBefore = tables.meta.changes;
    this.heads = new HeadCache(tables.heads);
    this.claims = new ClaimCache(tables.claims, this.tick);
    this.summaries = new Summaries(tables.blocks, this.tick);
    this.counts = new TickCounts(tables.ticks);
  }

  /** Adds a message at the end of its queue. A claim that holds it already is the caller's to keep. */
  insert(head: HeadRow, message: MessageInsert): void {
    this.tables.messages.insert(message);
    const { expires, due, poster } = message;
    this.account(head, null, message);
    const bounds = { dueMin: due, expiresMin: expires, expiresMax: expires, posterLo: poster, posterHi: poster };
    this.summaries.widen(head.q, message.k, bounds);
  }

  /** Puts a message under a claim. */
  take(head: HeadRow, row: MessageRow, life: Life, claim: string): void {
    this.tables.messages.take(head.q, row.k, life, claim);
    this.account(head, row, life);
    this.summaries.touch(head.q, row.k);
  }

  /** Gives a claimed message its life under the renewed claim. */
  prolong(head: HeadRow, row: MessageRow, life: Life): void {
    this.tables.messages.prolong(head.q, row.k, life);
    this.account(head, row, life);
    // A renewal may bring the end nearer, to this very tick.
    if (life.due <= this.tick) this.open(head, row.k, life);
    this.summaries.touch(head.q, row.k);
  }

  /** Takes a message out of its claim. */
  free(head: HeadRow, row: MessageRow): void {
    this.tables.messages.free(head.q, row.k);
    this.account(head, row, freed(row));
    this.open(head, row.k, row);
    this.summaries.touch(head.q, row.k);
  }

  /** Deletes a message. */
  remove(head: HeadRow, row: MessageRow): void {
    this.tables.messages.remove(head.q, row);
    this.account(head, row, null);
    if (row.state === HoldState.CLAIMED && row.due > this.tick) this.claims.lose(head.q, row.claim);
    this.summaries.touch(head.q, row.k);
  }

  /** Writes what was kept back; the commit is then complete. */
  flush(): void {
    this.claims.flush();
    this.counts.flushAll();
    this.summaries.flush();
    this.heads.flush();
    // A commit without a change stays without a sync.
    if (this.tables.meta.changes > this.changesBefore) this.tables.meta.advance(Math.floor(this.now));
  }

  /** Lets the next search find a message that is held no more; its block has its poster within its bounds already. */
  private open(head: HeadRow, k: number, { expires }: Pick<Life, 'expires'>): void {
    this.summaries.widen(head.q, k, { dueMin: 0, expiresMin: NEVER, expiresMax: expires, ...SAME_POSTERS });
  }

  /**
   * Keeps the counters. A hold whose tick is swept has been taken off already; one made at a swept tick (a claim of no
   * time) stays counted until the next sweep, on both sides.
   */
  private account(head: HeadRow, before: Life | null, after: Life | null): void {
    this.heads.changed(head);
    head.total += (after ? 1 : 0) - (before ? 1 : 0);
    if (before?.expires !== after?.expires) {
      if (before) this.counts.add(head.q, TickKind.EXPIRES, before.expires, -1);
      if (after) this.counts.add(head.q, TickKind.EXPIRES, after.expires, 1);
    }
    if (before?.state === HoldState.CLAIMED && before.due > head.heldSwept) this.hold(head, before.due, -1);
    if (after?.state === HoldState.CLAIMED) this.hold(head, after.due, 1);
  }

  private hold(head: HeadRow, due: Tick, delta: number): void {
    head.held += delta;
    this.counts.add(head.q, TickKind.HELD, due, delta);
  }
}
