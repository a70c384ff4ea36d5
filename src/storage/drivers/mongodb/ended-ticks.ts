import type { Tick } from '../../../domain/time.js';
import type { Collections } from './collections.js';
import { FREE } from './documents.js';
import { Recent } from './recent.js';

/** Queues for which the ended ticks are remembered. */
const MAX_REMEMBERED = 20_000;

/** Ticks in one query at the most: a server merges so many ranges of an index in order, and sorts beyond. */
const MAX_TICKS = 100;

/** Seconds after which a look is repeated, in the background. */
const REFRESH_TICKS = 16;

/** What was seen of one queue. */
interface Seen {
  /** Ticks up to this one were looked at. */
  readonly upTo: Tick;
  /** Those of them that messages were still held until. */
  readonly ticks: readonly Tick[];
}

/** The values of `due` that are over: free, and the ends of claims that sweeping has not met yet; null: too many to name. */
export type OverDue = readonly Tick[] | null;

/**
 * Names the values of `due` that are over, so that an index finds what is free in marker order however many messages
 * are held (P6). A claim that has ended leaves its tick behind until it is swept; those of the last seconds are simply
 * all named, older ones are looked up now and then. One that a stopped core wrote late is met by the next look.
 */
export class EndedTicks {
  private readonly seen = new Recent<Seen>(MAX_REMEMBERED);
  private readonly looking = new Map<string, Promise<Seen>>();

  constructor(private readonly messages: Collections['messages']) {}

  /** The values of `due` that are over at this tick. */
  async overAt(uid: string, tick: Tick): Promise<OverDue> {
    let seen = this.seen.get(uid);
    if (seen === undefined || tick - seen.upTo > MAX_TICKS / 2) seen = await this.look(uid, tick);
    else if (tick - seen.upTo > REFRESH_TICKS) void this.look(uid, tick).catch(() => undefined);
    const { upTo } = seen;
    const fresh = Array.from({ length: Math.max(0, tick - upTo) }, (_, index) => upTo + 1 + index);
    const ticks = [FREE, ...seen.ticks.filter((known) => known <= tick), ...fresh];
    return ticks.length > MAX_TICKS ? null : ticks;
  }

  /** Notes that this core holds messages until a tick that was looked at already. */
  note(uid: string, due: Tick): void {
    const seen = this.seen.get(uid);
    if (seen === undefined || due > seen.upTo || seen.ticks.includes(due)) return;
    this.seen.set(uid, { ...seen, ticks: [...seen.ticks, due] });
  }

  /** Queues in which this core may meet ended claims, from the least recently used. */
  queues(): readonly string[] {
    return [...this.seen.entries()].map(([uid]) => uid);
  }

  /** Looks which ticks are left; one look at a time for a queue. */
  look(uid: string, tick: Tick): Promise<Seen> {
    const under = this.looking.get(uid);
    if (under !== undefined) return under;
    const look = this.read(uid, tick).finally(() => this.looking.delete(uid));
    this.looking.set(uid, look);
    return look;
  }

  private async read(uid: string, tick: Tick): Promise<Seen> {
    const due = { $gt: FREE, $lte: tick };
    const values = await this.messages.distinct('due', { uid, due });
    const seen = { upTo: tick, ticks: values.map(Number) };
    this.seen.set(uid, seen);
    return seen;
  }
}
