import type { Position, Marker } from '../../../domain/marker.js';
import { currentTick, type Millis } from '../../../domain/time.js';
import type { ClaimFound, Gone, MessagePage, MessagePageQuery, MessagesById } from '../../ports/index.js';
import type { Collections } from './collections.js';
import type { MessageDoc } from './documents.js';
import type { EndedTicks } from './ended-ticks.js';
import type { WholePosts } from './order/whole-posts.js';
import { BY_MARKER, FACTS, freeAfter, heldBy, inParts, visibleAfter, visibleById } from './queries.js';
import { fitsIn, fitting, inOrder, show, showClaim } from './show.js';

const GONE: Gone = { kind: 'gone' };

/** Messages that one claim may hold at the most, for bounding a query. */
const MAX_HELD = 100_000;

/** Reads messages: page by page, by id, and by claim. */
export class Readers {
  constructor(
    private readonly messages: Collections['messages'],
    private readonly whole: WholePosts,
    private readonly ended: EndedTicks,
  ) {}

  /** A page of visible messages in marker order (semantics section 7). */
  async list(query: MessagePageQuery): Promise<MessagePage | Gone> {
    const { uid } = query.queue;
    const after = await this.after(uid, query.position, query.now);
    if (after === null) return (await this.whole.head(uid)) === null ? GONE : { kind: 'page', messages: [] };
    const filter = await this.filter(query, after);
    const found = await this.whole.read<MessageDoc>(uid, async () => {
      const { limit, maxBytes } = query;
      const budget = fitsIn(maxBytes);
      const messages = await this.messages.find(filter, { sort: BY_MARKER, limit, fits: budget.fits });
      return { messages, cut: messages.length === limit || budget.spent() };
    });
    return found === null ? GONE : { kind: 'page', messages: found.map(show) };
  }

  /** Visible messages by id, in marker order. */
  async getMany(uid: string, ids: readonly string[], maxBytes: number, now: Millis): Promise<MessagesById | Gone> {
    const [head, found] = await Promise.all([
      this.whole.head(uid),
      inParts([...new Set(ids)], (part) => this.messages.find(visibleById(uid, part, now), { limit: part.length })),
    ]);
    if (head === null) return GONE;
    return { kind: 'found', ...cut(inOrder(found), maxBytes) };
  }

  /** A live claim and its messages (C5, C9). */
  async getClaim(
    uid: string,
    claim: string,
    maxBytes: number,
    now: Millis,
  ): Promise<ClaimFound | { readonly kind: 'unknown' } | Gone> {
    const [head, found] = await Promise.all([
      this.whole.head(uid),
      this.messages.find(heldBy(uid, [claim], now), { sort: BY_MARKER, limit: MAX_HELD }),
    ]);
    if (head === null) return GONE;
    if (found.length === 0) return { kind: 'unknown' };
    const shown = fitting(found, maxBytes);
    const omitted = found.slice(shown.length).map(({ _id }) => _id);
    return { kind: 'claim', claim: showClaim(found, shown), omitted };
  }

  /** The marker to go on after; null when nothing is to be listed (semantics section 3). */
  private async after(uid: string, position: Position, now: Millis): Promise<Marker | null> {
    if (position.kind === 'after') return position.marker;
    if (position.kind === 'nowhere') return null;
    const [message] = await this.messages.find(visibleById(uid, [position.id], now), { limit: 1, fields: FACTS });
    return message === undefined ? null : Number(message.k);
  }

  private async filter({ queue: { uid }, includeClaimed, without, now }: MessagePageQuery, after: Marker) {
    const tick = currentTick(now);
    const shown = includeClaimed
      ? visibleAfter(uid, after, now)
      : freeAfter(uid, after, await this.ended.overAt(uid, tick), tick, now);
    return without === null ? shown : { ...shown, po: { $ne: without } };
  }
}

function cut(docs: readonly MessageDoc[], maxBytes: number): Omit<MessagesById, 'kind'> {
  const shown = fitting(docs, maxBytes);
  return { messages: shown.map(show), omitted: docs.slice(shown.length).map(({ _id }) => _id) };
}
