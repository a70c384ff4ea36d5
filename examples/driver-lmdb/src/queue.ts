import {
  isClaimed,
  isVisible,
  parseMessageId,
  type Millis,
  type Position,
  type StoredMessage,
  type WholeMessage,
} from 'marconi/storage';
import type { Database } from './database.js';

/** What is kept of a queue's incarnation beside its messages. */
export interface Incarnation {
  readonly openedAt: Millis;
  readonly nextMarker: number;
  readonly fenced: boolean;
  /** Rises with what may wake a waiter. */
  readonly changes: number;
}

/** One incarnation at one moment: all is judged by `now`, so that nothing needs a write to be over. */
export class Queue {
  private constructor(
    readonly db: Database,
    readonly uid: string,
    private row: Incarnation,
    readonly now: Millis,
  ) {}

  /** The incarnation; null when it was never opened or is fenced. */
  static find(db: Database, uid: string, now: Millis): Queue | null {
    const row = db.get<Incarnation>(['queue', uid]);
    return row && !row.fenced ? new Queue(db, uid, row, now) : null;
  }

  get nextMarker(): number {
    return this.row.nextMarker;
  }

  /** Visible messages behind a marker, oldest first. */
  *visible(after = 0): Generator<WholeMessage> {
    for (const { value } of this.db.range<WholeMessage>(['message', this.uid], [after + 1]))
      if (isVisible(value, this.now)) yield value;
  }

  /** The visible message of that id. */
  find(id: string): WholeMessage | null {
    const marker = this.db.get<number>(idKey(this.uid, id));
    const message = marker && this.db.get<WholeMessage>(['message', this.uid, marker]);
    return message && isVisible(message, this.now) ? message : null;
  }

  /** The marker behind which a reader goes on; null for nowhere. */
  resolve(position: Position): number | null {
    if (position.kind === 'after') return position.marker;
    return position.kind === 'afterMessage' ? (this.find(position.id)?.marker ?? null) : null;
  }

  /** The live claim that holds the message; null when none does. */
  holder(message: WholeMessage): string | null {
    return isClaimed(message, this.now) ? (message.hold?.claim ?? null) : null;
  }

  /** What the claim holds while it lives: an ended one holds nothing. */
  heldBy(claim: string): readonly WholeMessage[] {
    return [...this.visible()].filter((message) => this.holder(message) === claim);
  }

  /** Keeps a message, new or changed. */
  put(message: WholeMessage): void {
    this.db.put(['message', this.uid, message.marker], message);
    this.db.put(idKey(this.uid, message.id), message.marker);
    this.db.put(['due', message.expires, 'message', this.uid, message.marker], true);
  }

  /** Lets a message go. */
  remove({ id, marker }: StoredMessage): void {
    this.db.remove(['message', this.uid, marker]);
    this.db.remove(idKey(this.uid, id));
  }

  /** Keeps that the incarnation has changed, and how. */
  update(changes: Partial<Incarnation> = {}): void {
    this.row = { ...this.row, changes: this.row.changes + 1, ...changes };
    this.db.put(['queue', this.uid], this.row);
  }
}

/** Where the marker of a message is kept; that of no message for a text that is no id. */
export function idKey(uid: string, id: string): (string | number)[] {
  const parts = parseMessageId(id);
  return parts === null ? ['id', uid] : ['id', uid, parts.batch, parts.index];
}

/** The first of the messages: at most `limit`, at most `maxBytes` of bodies, and one in any case. */
export function takeFitting<T extends StoredMessage>(messages: Iterable<T>, limit: number, maxBytes: number): T[] {
  const taken: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += message.body.length;
    if (taken.length >= limit || (taken.length > 0 && bytes > maxBytes)) break;
    taken.push(message);
  }
  return taken;
}

/** The part of a kept message that the store shows. */
export function show({
  poster: _poster,
  state: _state,
  due: _due,
  hold: _hold,
  ...shown
}: WholeMessage): StoredMessage {
  return shown;
}
