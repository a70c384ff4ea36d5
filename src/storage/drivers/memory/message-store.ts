import { isClaimed } from '../../../domain/life.js';
import type { Millis } from '../../../domain/time.js';
import type {
  Batch,
  ClaimFound,
  Gone,
  MessageOp,
  MessageOutcome,
  MessagePage,
  MessagePageQuery,
  MessageStore,
  MessagesById,
  OpenQueue,
  QueueRef,
  QueueStats,
  StatsMoment,
  StorageObserver,
  SweepReport,
} from '../../ports/index.js';
import { Incarnation, show, takeFitting, type KeptMessage } from './incarnation.js';
import * as steps from './steps.js';
import { sweepIncarnation } from './sweep.js';

const GONE: Gone = { kind: 'gone' };

/** Messages and claims in plain maps, one `Incarnation` each; null marks a fenced one, which stays fenced. */
export class MemoryMessageStore implements MessageStore {
  private readonly queues = new Map<string, Incarnation | null>();

  constructor(private readonly observer?: StorageObserver) {}

  /** As the port says; never rejects, and is never full. */
  async apply({ ops, now }: Batch): Promise<readonly MessageOutcome[]> {
    const outcomes = ops.map((op) => this.step(op, now));
    this.observer?.committed(ops.length, 0);
    return outcomes;
  }

  private step(op: MessageOp, now: Millis): MessageOutcome {
    if (op.kind === 'open') return this.open(op.queue, now);
    if (op.kind === 'fence') return this.fence(op.queue);
    const queue = this.queues.get(op.queue.uid);
    return queue ? stepOn(queue, op, now) : GONE;
  }

  private open({ uid }: QueueRef, now: Millis): MessageOutcome {
    if (this.queues.get(uid) === null) return GONE;
    if (!this.queues.has(uid)) this.queues.set(uid, new Incarnation(now));
    return { kind: 'opened' };
  }

  private fence({ uid }: QueueRef): MessageOutcome {
    this.queues.set(uid, null);
    return { kind: 'fenced' };
  }

  /** As the port says. What a fenced queue held was let go with it. */
  async sweep(now: Millis, budget: number): Promise<SweepReport> {
    let left = budget;
    for (const queue of this.queues.values()) if (queue) left -= sweepIncarnation(queue, now, left);
    return { freed: budget - left, more: left <= 0 };
  }

  /** As the port says; never rejects. */
  async list(query: MessagePageQuery): Promise<MessagePage | Gone> {
    const queue = this.queues.get(query.queue.uid);
    if (!queue) return GONE;
    const after = queue.resolve(query.position, query.now);
    if (after === null) return { kind: 'page', messages: [] };
    const listed = [...queue.allVisible(query.now)].filter(
      (message) =>
        message.marker > after &&
        (query.includeClaimed || !isClaimed(message, query.now)) &&
        (query.without === null || message.poster !== query.without),
    );
    return { kind: 'page', messages: takeFitting(listed, query.limit, query.maxBytes).map(show) };
  }

  /** As the port says; never rejects. */
  async getMany(ref: QueueRef, ids: readonly string[], maxBytes: number, now: Millis): Promise<MessagesById | Gone> {
    const queue = this.queues.get(ref.uid);
    if (!queue) return GONE;
    const wanted = new Set(ids);
    const found = [...queue.allVisible(now)].filter(({ id }) => wanted.has(id));
    return { kind: 'found', ...fit(found, maxBytes) };
  }

  /** As the port says; never rejects. */
  async getClaim(
    ref: QueueRef,
    id: string,
    maxBytes: number,
    now: Millis,
  ): Promise<ClaimFound | { readonly kind: 'unknown' } | Gone> {
    const queue = this.queues.get(ref.uid);
    if (!queue) return GONE;
    const claim = queue.claims.get(id);
    const held = queue.heldBy(id, now);
    if (!claim || held.length === 0) return { kind: 'unknown' };
    const { messages, omitted } = fit(held, maxBytes);
    return { kind: 'claim', claim: { ...claim, messages }, omitted };
  }

  /** What the incarnation holds; null when it is fenced or was never opened. */
  incarnation(uid: string): Incarnation | null {
    return this.queues.get(uid) ?? null;
  }

  /** As the port says: exact, by counting. */
  async stats(ref: QueueRef, now: Millis): Promise<QueueStats | Gone> {
    const queue = this.queues.get(ref.uid);
    if (!queue) return GONE;
    const visible = [...queue.allVisible(now)];
    const claimed = visible.filter((message) => isClaimed(message, now)).length;
    const [oldest, newest] = [moment(visible[0]), moment(visible.at(-1))];
    return { kind: 'stats', total: visible.length, claimed, oldest, newest, estimated: false };
  }

  /** As the port says; never rejects. */
  async openQueues(after: string, limit: number): Promise<readonly OpenQueue[]> {
    return [...this.queues]
      .flatMap(([uid, queue]) => (queue && uid > after ? [{ uid, openedAt: queue.openedAt }] : []))
      .sort((a, b) => (a.uid < b.uid ? -1 : 1))
      .slice(0, limit);
  }
}

function stepOn(queue: Incarnation, op: Exclude<MessageOp, { kind: 'open' | 'fence' }>, now: Millis): MessageOutcome {
  switch (op.kind) {
    case 'post':
      return steps.post(queue, op, now);
    case 'claimNext':
      return steps.claimNext(queue, op, now);
    case 'renewIfLive':
      return steps.renewIfLive(queue, op, now);
    case 'releaseIfLive':
      return steps.releaseIfLive(queue, op, now);
    case 'deleteIfAllowed':
      return steps.deleteIfAllowed(queue, op, now);
    case 'deleteAll':
      return steps.deleteAll(queue, op, now);
    case 'acknowledgeIfHolder':
      return steps.acknowledgeIfHolder(queue, op, now);
    case 'popNext':
      return steps.popNext(queue, op, now);
  }
}

function fit(found: readonly KeptMessage[], maxBytes: number): Pick<MessagesById, 'messages' | 'omitted'> {
  const shown = takeFitting(found, found.length, maxBytes);
  return { messages: shown.map(show), omitted: found.slice(shown.length).map(({ id }) => id) };
}

function moment(message: KeptMessage | undefined): StatsMoment | null {
  return message ? { id: message.id, postedAt: message.postedAt } : null;
}
