import { HoldState } from '../../../domain/life.js';
import type { Marker } from '../../../domain/marker.js';
import { isDue, type Millis } from '../../../domain/time.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import {
  UNNAMED_COPY_MS,
  type QueueCursor,
  type StoreClock,
  type Transfer,
  type WholeKey,
  type WholeMessage,
  type WholeQueue,
} from '../../ports/index.js';
import { compareBytes, type MemoryControlStore } from './control-store.js';
import { keyText, show, takeFitting, type Incarnation, type KeptMessage } from './incarnation.js';
import type { MemoryMessageStore } from './message-store.js';

/** The port over plain maps. */
export class MemoryTransfer implements Transfer {
  constructor(
    private readonly control: MemoryControlStore,
    private readonly store: MemoryMessageStore,
    private readonly clock: StoreClock,
  ) {}

  /** As the port says; never rejects. */
  async queues(after: QueueCursor | null, limit: number): Promise<readonly WholeQueue[]> {
    return [...this.control.all()]
      .filter((queue) => after === null || compareCursors(queue, after) > 0)
      .sort(compareCursors)
      .flatMap((queue) => {
        const opened = this.store.incarnation(queue.ref.uid);
        return opened ? [{ ...queue, nextMarker: opened.nextMarker }] : [];
      })
      .slice(0, limit);
  }

  /** As the port says; never rejects. */
  async messages(
    uid: string,
    after: Marker,
    limit: number,
    maxBytes: number,
    now: Millis,
  ): Promise<readonly WholeMessage[]> {
    const queue = this.store.incarnation(uid);
    if (!queue) return [];
    const later = [...queue.allVisible(now)].filter(({ marker }) => marker > after);
    return takeFitting(later, limit, maxBytes).map((message) => whole(queue, message, now));
  }

  /** As the port says; never rejects. */
  async keys(uid: string, after: WholeKey | null, limit: number, now: Millis): Promise<readonly WholeKey[]> {
    const records = [...(this.store.incarnation(uid)?.keys ?? [])].map(([text, record]) => {
      const [producer, sequence] = JSON.parse(text) as [string, string];
      return { producer, sequence, ...record };
    });
    return records
      .filter((key) => !isDue(key.until, now) && (after === null || keyText(key) > keyText(after)))
      .sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1))
      .slice(0, limit);
  }

  /** As the port says. */
  async putQueue({ ref, nextMarker }: WholeQueue): Promise<void> {
    const [opened] = await this.store.apply({
      ops: [{ kind: 'open', queue: ref }],
      now: this.clock.now() + UNNAMED_COPY_MS,
    });
    if (opened?.kind !== 'opened') throw givenUp(ref.uid);
    const queue = this.opened(ref.uid);
    queue.nextMarker = Math.max(queue.nextMarker, nextMarker);
  }

  /** As the port says. */
  async putMessages(uid: string, messages: readonly WholeMessage[]): Promise<void> {
    const queue = this.opened(uid);
    for (const message of messages) if (!queue.messages.has(message.id)) put(queue, message);
  }

  /** As the port says. */
  async putKeys(uid: string, keys: readonly WholeKey[]): Promise<void> {
    const queue = this.opened(uid);
    for (const { producer, sequence, ...record } of keys) queue.keys.set(keyText({ producer, sequence }), record);
  }

  /** As the port says; never rejects. */
  async nameQueue({ nextMarker: _, ...queue }: WholeQueue): Promise<boolean> {
    return this.control.put(queue).ref.uid === queue.ref.uid;
  }

  private opened(uid: string): Incarnation {
    const queue = this.store.incarnation(uid);
    if (!queue) throw givenUp(uid);
    return queue;
  }
}

function whole(queue: Incarnation, message: KeptMessage, now: Millis): WholeMessage {
  const shown = { ...show(message), poster: message.poster };
  const holder = queue.holder(message, now);
  const claim = holder === null ? undefined : queue.claims.get(holder);
  if (!claim) return { ...shown, state: HoldState.FREE, due: 0, hold: null };
  const hold = { claim: claim.id, ttl: claim.ttl, since: claim.since };
  return { ...shown, state: message.state, due: message.due, hold };
}

function put(queue: Incarnation, { hold, ...message }: WholeMessage): void {
  queue.messages.set(message.id, { ...message, body: new Uint8Array(message.body), claim: hold && hold.claim });
  if (hold) queue.claims.set(hold.claim, { id: hold.claim, ttl: hold.ttl, since: hold.since, ends: message.due });
}

function compareCursors(a: QueueCursor, b: QueueCursor): number {
  if (a.project === b.project) return compareBytes(a.name, b.name);
  if (a.project === null) return -1;
  return b.project === null ? 1 : compareBytes(a.project, b.project);
}

function givenUp(uid: string): MarconiError {
  return new MarconiError('STORAGE_UNAVAILABLE', `The incarnation ${uid} is fenced here: copy to an empty storage.`);
}
