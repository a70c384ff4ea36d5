import {
  isClaimed,
  type Batch,
  type Gone,
  type MessageOp,
  type MessageOutcome,
  type MessagePageQuery,
  type MessageStore,
  type Millis,
  type OpenQueue,
  type QueueRef,
  type StoreClock,
  type WholeMessage,
} from 'marconi/storage';
import type { Database } from './database.js';
import { Queue, show, takeFitting, type Incarnation } from './queue.js';
import { doStep } from './steps.js';
import { sweep } from './sweep.js';

const GONE: Gone = { kind: 'gone' };

/** Messages and claims; a claim is nothing but what its messages say of it. */
export class LmdbMessageStore implements MessageStore {
  constructor(
    private readonly db: Database,
    private readonly clock: StoreClock,
  ) {}

  apply({ ops, now, skew = 0 }: Batch): Promise<readonly MessageOutcome[]> {
    return this.db.write(() => {
      this.db.put(['clock'], this.clock.now());
      return ops.map((op) => this.step(op, now, skew));
    });
  }

  private step(op: MessageOp, now: Millis, skew: Millis): MessageOutcome {
    if (op.kind === 'open') return this.open(op.queue.uid, now);
    if (op.kind === 'fence') return this.fence(op.queue.uid, now);
    const queue = Queue.find(this.db, op.queue.uid, now);
    return queue === null ? GONE : doStep(queue, op, skew);
  }

  private open(uid: string, now: Millis): MessageOutcome {
    const row = this.db.get<Incarnation>(['queue', uid]);
    if (row?.fenced) return GONE;
    const fresh: Incarnation = { openedAt: now, nextMarker: 1, fenced: false, changes: 0 };
    if (!row) this.db.put(['queue', uid], fresh);
    return { kind: 'opened' };
  }

  /** The row stays for good: an incarnation that was fenced must never open again. */
  private fence(uid: string, now: Millis): MessageOutcome {
    const row = this.db.get<Incarnation>(['queue', uid]) ?? { openedAt: now, nextMarker: 1, changes: 0 };
    this.db.put(['queue', uid], { ...row, fenced: true, changes: row.changes + 1 });
    this.db.put(['due', 0, 'fenced', uid], true);
    return { kind: 'fenced' };
  }

  sweep(now: Millis, budget: number) {
    return this.db.write(() => sweep(this.db, now, budget));
  }

  list({ queue: ref, position, limit, without, includeClaimed, maxBytes, now }: MessagePageQuery) {
    return this.read(ref, now, (queue) => {
      const after = queue.resolve(position);
      function* wanted(): Generator<WholeMessage> {
        if (after === null) return;
        for (const message of queue.visible(after))
          if ((includeClaimed || !isClaimed(message, now)) && (without === null || message.poster !== without))
            yield message;
      }
      return { kind: 'page' as const, messages: takeFitting(wanted(), limit, maxBytes).map(show) };
    });
  }

  getMany(ref: QueueRef, ids: readonly string[], maxBytes: number, now: Millis) {
    return this.read(ref, now, (queue) => {
      const found = [...new Set(ids)].flatMap((id) => queue.find(id) ?? []);
      return {
        kind: 'found' as const,
        ...fit(
          found.sort((a, b) => a.marker - b.marker),
          maxBytes,
        ),
      };
    });
  }

  getClaim(ref: QueueRef, id: string, maxBytes: number, now: Millis) {
    return this.read(ref, now, (queue) => {
      const held = queue.heldBy(id);
      const [first] = held;
      if (!first?.hold) return { kind: 'unknown' as const };
      const { messages, omitted } = fit(held, maxBytes);
      const { ttl, since } = first.hold;
      return { kind: 'claim' as const, claim: { id, ttl, since, ends: first.due, messages }, omitted };
    });
  }

  stats(ref: QueueRef, now: Millis) {
    return this.read(ref, now, (queue) => {
      const all = [...queue.visible()];
      const claimed = all.filter((message) => isClaimed(message, now)).length;
      const ends = { oldest: moment(all[0]), newest: moment(all.at(-1)) };
      return { kind: 'stats' as const, total: all.length, claimed, ...ends, estimated: false };
    });
  }

  async openQueues(after: string, limit: number): Promise<readonly OpenQueue[]> {
    return this.db.read(() => {
      const open: OpenQueue[] = [];
      for (const { key, value } of this.db.range<Incarnation>(['queue'], [after], { exclusiveStart: true })) {
        if (open.length >= limit) break;
        if (!value.fenced) open.push({ uid: String(key[1]), openedAt: value.openedAt });
      }
      return open;
    });
  }

  private async read<T>({ uid }: QueueRef, now: Millis, look: (queue: Queue) => T): Promise<T | Gone> {
    return this.db.read(() => {
      const queue = Queue.find(this.db, uid, now);
      return queue === null ? GONE : look(queue);
    });
  }
}

function fit(found: readonly WholeMessage[], maxBytes: number) {
  const shown = takeFitting(found, found.length, maxBytes);
  return { messages: shown.map(show), omitted: found.slice(shown.length).map(({ id }) => id) };
}

function moment(message: WholeMessage | undefined) {
  return message ? { id: message.id, postedAt: message.postedAt } : null;
}
