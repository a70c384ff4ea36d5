import type { ClientId } from '../../../../domain/client-id.js';
import { HoldState, type Life } from '../../../../domain/life.js';
import { formatMessageId } from '../../../../domain/message-id.js';
import type { Tick } from '../../../../domain/time.js';
import type { StoredMessage } from '../../../ports/index.js';
import type { Db, Statement } from '../db/port.js';

/** A row of `messages`, without its body. */
export interface MessageRow extends Life {
  readonly k: number;
  readonly batch: string;
  readonly idx: number;
  readonly postedAt: number;
  readonly claim: string;
  readonly epoch: number;
  readonly attempt: number;
  /** Where its body is. */
  readonly body: number;
  /** Bytes of its body. */
  readonly size: number;
  readonly contentType: string;
}

/** A message to be inserted. */
export interface MessageInsert extends Life {
  readonly q: number;
  readonly k: number;
  readonly batch: string;
  readonly idx: number;
  readonly poster: Uint8Array;
  readonly postedAt: number;
  /** The claim that holds it; empty when free. */
  readonly claim: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** Which messages are looked for: alive at `tick`, held by nothing later than `dueBy`, not posted by `without`. */
export interface OpenFilter {
  readonly tick: Tick;
  readonly dueBy: Tick;
  /** The poster as stored; `NO_ONE` leaves out none. */
  readonly without: Uint8Array;
}

/** A poster that no message has: stored posters have 16 bytes or none. */
export const NO_ONE: Uint8Array = Uint8Array.of(0);

const COLUMNS =
  'k, batch, idx, posted_at AS postedAt, ttl, expires, state, due, claim, epoch, attempt, body, size, ' +
  'content_type AS contentType';
const OPEN = 'q = ? AND k BETWEEN ? AND ? AND expires > ? AND due <= ? AND poster <> ?';

/** A poster as it is stored: 16 bytes, or none. */
export function posterBytes(poster: ClientId | null): Uint8Array {
  return Buffer.from(poster ?? '', 'hex');
}

/** The poster of the bytes that are stored. */
export function clientOf(poster: Uint8Array): ClientId | null {
  return poster.byteLength === 0 ? null : Buffer.from(poster).toString('hex');
}

/** The message as the ports show it. */
export function storedMessage(row: MessageRow, body: Uint8Array): StoredMessage {
  const { k, batch, idx, postedAt, ttl, expires, epoch, attempt, contentType } = row;
  return { id: formatMessageId(batch, idx), marker: k, body, contentType, ttl, postedAt, expires, epoch, attempt };
}

/** Messages and their bodies, by queue number and marker. */
export class MessageTable {
  private readonly insertBody: Statement;
  private readonly insertRow: Statement;
  private readonly forward: Statement<MessageRow>;
  private readonly backward: Statement<MessageRow>;
  private readonly expired: Statement<MessageRow>;
  private readonly byKey: Statement<MessageRow>;
  private readonly byId: Statement<MessageRow>;
  private readonly batchStart: Statement<{ first: number }>;
  private readonly bodyOf: Statement<{ body: Uint8Array }>;
  private readonly updateLife: Statement;
  private readonly updateTaken: Statement;
  private readonly updateFreed: Statement;
  private readonly deleteRow: Statement;
  private readonly deleteBody: Statement;

  constructor(db: Db) {
    this.insertBody = db.prepare('INSERT INTO bodies (body) VALUES (?)');
    this.insertRow = db.prepare(
      'INSERT INTO messages (q, k, batch, idx, poster, posted_at, ttl, expires, state, due, claim, epoch, attempt, ' +
        'body, size, content_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.forward = db.prepare(`SELECT ${COLUMNS} FROM messages WHERE ${OPEN} ORDER BY k LIMIT ?`);
    this.backward = db.prepare(`SELECT ${COLUMNS} FROM messages WHERE ${OPEN} ORDER BY k DESC LIMIT ?`);
    this.expired = db.prepare(
      `SELECT ${COLUMNS} FROM messages WHERE q = ? AND k BETWEEN ? AND ? AND expires <= ? ORDER BY k LIMIT ?`,
    );
    this.byKey = db.prepare(`SELECT ${COLUMNS} FROM messages WHERE q = ? AND k = ?`);
    this.byId = db.prepare(`SELECT ${COLUMNS} FROM messages WHERE q = ? AND batch = ? AND idx = ?`);
    this.batchStart = db.prepare('SELECT k - idx AS first FROM messages WHERE q = ? AND batch = ? LIMIT 1');
    this.bodyOf = db.prepare('SELECT body FROM bodies WHERE id = ?');
    this.updateLife = db.prepare('UPDATE messages SET ttl = ?, expires = ?, state = ?, due = ? WHERE q = ? AND k = ?');
    this.updateTaken = db.prepare(
      'UPDATE messages SET ttl = ?, expires = ?, state = ?, due = ?, claim = ?, epoch = epoch + 1, ' +
        'attempt = attempt + 1 WHERE q = ? AND k = ?',
    );
    this.updateFreed = db.prepare("UPDATE messages SET state = 0, due = 0, claim = '' WHERE q = ? AND k = ?");
    this.deleteRow = db.prepare('DELETE FROM messages WHERE q = ? AND k = ?');
    this.deleteBody = db.prepare('DELETE FROM bodies WHERE id = ?');
  }

  insert(m: MessageInsert): void {
    const body = this.insertBody.run(m.body).rowid;
    const { q, k, batch, idx, poster, postedAt, ttl, expires, state, due, claim, epoch, attempt } = m;
    this.insertRow.run(
      ...[q, k, batch, idx, poster, postedAt, ttl, expires, state, due, claim, epoch, attempt],
      ...[body, m.body.byteLength, m.contentType],
    );
  }

  /** Matching messages with markers from `lo` to `hi`, oldest first. */
  open(q: number, lo: number, hi: number, filter: OpenFilter, limit: number): MessageRow[] {
    return this.forward.all(q, lo, hi, filter.tick, filter.dueBy, filter.without, limit);
  }

  /** The newest matching message with a marker from `lo` to `hi`. */
  newest(q: number, lo: number, hi: number, filter: OpenFilter): MessageRow | undefined {
    return this.backward.get(q, lo, hi, filter.tick, filter.dueBy, filter.without, 1);
  }

  /** Messages from `lo` to `hi` whose life is over at `tick`. */
  expiredIn(q: number, lo: number, hi: number, tick: Tick, limit: number): MessageRow[] {
    return this.expired.all(q, lo, hi, tick, limit);
  }

  at(q: number, k: number): MessageRow | undefined {
    return this.byKey.get(q, k);
  }

  withId(q: number, batch: string, idx: number): MessageRow | undefined {
    return this.byId.get(q, batch, idx);
  }

  /** The marker of the first message of a post of which any message is still there. */
  firstOfBatch(q: number, batch: string): number | undefined {
    return this.batchStart.get(q, batch)?.first;
  }

  /** The message with its body. */
  withBody(row: MessageRow): StoredMessage {
    const found = this.bodyOf.get(row.body);
    if (!found) throw new Error(`The body of message ${formatMessageId(row.batch, row.idx)} is missing.`);
    return storedMessage(row, found.body);
  }

  /** Puts the message under a claim: its epoch and attempt rise. */
  take(q: number, k: number, life: Life, claim: string): void {
    this.updateTaken.run(life.ttl, life.expires, life.state, life.due, claim, q, k);
  }

  prolong(q: number, k: number, life: Life): void {
    this.updateLife.run(life.ttl, life.expires, life.state, life.due, q, k);
  }

  free(q: number, k: number): void {
    this.updateFreed.run(q, k);
  }

  remove(q: number, row: MessageRow): void {
    this.deleteRow.run(q, row.k);
    this.deleteBody.run(row.body);
  }
}

/** The row's life once nothing holds it. */
export function freed(life: Life): Life {
  return { ttl: life.ttl, expires: life.expires, state: HoldState.FREE, due: 0 };
}
