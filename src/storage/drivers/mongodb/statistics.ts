import { currentTick, type Millis } from '../../../domain/time.js';
import type { Gone, QueueStats, StatsMoment } from '../../ports/index.js';
import type { Collections } from './collections.js';
import { FREE, type MessageFacts } from './documents.js';
import type { WholePosts } from './order/whole-posts.js';
import { FACTS, visibleAfter } from './queries.js';

/** Messages that are counted one by one; of more, a share is looked at. */
const MAX_COUNTED = 10_000;

/** Markers that are looked at to estimate how many of a range are still there. */
const SAMPLES = 500;

/** Above every marker. */
const BEYOND = Number.MAX_SAFE_INTEGER;

interface Counts {
  readonly total: number;
  readonly claimed: number;
}

const EMPTY: QueueStats = { kind: 'stats', total: 0, claimed: 0, oldest: null, newest: null, estimated: false };

/**
 * Counts a queue: exactly, by an index, up to 10 000 messages; beyond, from how many of 500 markers, spread evenly
 * from the oldest to the newest message, are still there. There is no counter that a crash could leave wrong.
 */
export class Statistics {
  constructor(
    private readonly messages: Collections['messages'],
    private readonly whole: WholePosts,
  ) {}

  /** A queue's numbers (semantics section 8). */
  async stats(uid: string, now: Millis): Promise<QueueStats | Gone> {
    const newest = await this.whole.read<MessageFacts>(uid, async () => {
      const messages = await this.messages.find(range(uid, now), { sort: { k: -1 }, limit: 1, fields: FACTS });
      return { messages, cut: false };
    });
    if (newest === null) return { kind: 'gone' };
    const [counted, [oldest]] = await Promise.all([
      this.count(uid, now),
      this.messages.find(range(uid, now), { sort: { k: 1 }, limit: 1, fields: FACTS }),
    ]);
    // Either reading may be the later one: what it found empty was empty at that moment.
    if (counted.total === 0 || !oldest) return EMPTY;
    const last = laterOf(oldest, newest[0]);
    const exact = counted.total <= MAX_COUNTED;
    const counts = exact ? counted : await this.estimate(uid, Number(oldest.k), Number(last.k), now);
    return { kind: 'stats', ...counts, oldest: moment(oldest), newest: moment(last), estimated: !exact };
  }

  private async count(uid: string, now: Millis): Promise<Counts> {
    const filter = { uid, due: { $gte: FREE }, exp: { $gt: new Date(now) } };
    return sum(await this.messages.countBy('due', filter, MAX_COUNTED + 1), now);
  }

  private async estimate(uid: string, oldest: number, newest: number, now: Millis): Promise<Counts> {
    const span = newest - oldest + 1;
    const step = span / SAMPLES;
    const markers = Array.from({ length: SAMPLES }, (_, index) => oldest + Math.floor((index + Math.random()) * step));
    const filter = { uid, k: { $in: [...new Set(markers)] }, due: { $gte: FREE }, exp: { $gt: new Date(now) } };
    const found = sum(await this.messages.countBy('due', filter, SAMPLES), now);
    const scale = span / new Set(markers).size;
    const total = Math.max(MAX_COUNTED + 1, Math.round(found.total * scale));
    return { total, claimed: Math.min(total, Math.round(found.claimed * scale)) };
  }
}

function range(uid: string, now: Millis) {
  return { ...visibleAfter(uid, 0, now), k: { $gt: 0, $lt: BEYOND } };
}

function sum(byDue: ReadonlyMap<unknown, number>, now: Millis): Counts {
  let [total, claimed] = [0, 0];
  for (const [due, count] of byDue) {
    total += count;
    if (Number(due) > currentTick(now)) claimed += count;
  }
  return { total, claimed };
}

/** The newest message was read first: all that were there may be gone, and the oldest one have come since. */
function laterOf(oldest: MessageFacts, newest: MessageFacts | undefined): MessageFacts {
  return newest !== undefined && Number(newest.k) > Number(oldest.k) ? newest : oldest;
}

function moment({ _id, at }: MessageFacts): StatsMoment {
  return { id: _id, postedAt: at.getTime() };
}
