import type { Millis, Tick } from '../../../../domain/time.js';
import type { WholeKey, WholeQueue } from '../../../ports/index.js';
import type { Db, Statement } from '../db/port.js';
import type { MessageRow } from './messages.js';
import { namedProject } from './queues.js';

/** A message's row with its poster, and what its claim keeps; null where it names none. */
export interface WholeRow extends MessageRow {
  readonly poster: Uint8Array;
  readonly claimTtl: number | null;
  readonly claimSince: Millis | null;
}

interface NamedRow {
  readonly project: string;
  readonly name: string;
  readonly uid: string;
  readonly pool: string;
  readonly metadata: Uint8Array;
  readonly createdAt: Millis;
  readonly nextMarker: number;
}

const QUEUES = `SELECT n.project, n.name, n.uid, n.pool, n.metadata, n.created_at AS createdAt,
    h.next AS nextMarker
  FROM queues n JOIN heads h USING (uid)
  WHERE (n.project, n.name) > (?, ?) AND h.fenced IS NULL ORDER BY n.project, n.name LIMIT ?`;

const MESSAGES = `SELECT m.k, m.batch, m.idx, m.posted_at AS postedAt, m.ttl, m.expires, m.state, m.due, m.claim, m.epoch,
    m.attempt, m.body, m.size, m.content_type AS contentType, m.poster, c.ttl AS claimTtl, c.since AS claimSince
  FROM messages m LEFT JOIN claims c ON c.q = m.q AND c.id = m.claim
  WHERE m.q = ? AND m.k > ? AND m.expires > ? ORDER BY m.k LIMIT ?`;

const KEYS = `SELECT producer, sequence, fingerprint, batch, first, count, until FROM producer_keys
  WHERE q = ? AND (producer, sequence) > (?, ?) AND until > ? ORDER BY producer, sequence LIMIT ?`;

/** Everything in pages, for moving the storage as a whole. */
export class WholeTable {
  private readonly queuePage: Statement<NamedRow>;
  private readonly messagePage: Statement<WholeRow>;
  private readonly keyPage: Statement<WholeKey>;

  constructor(db: Db) {
    this.queuePage = db.prepare(QUEUES);
    this.messagePage = db.prepare(MESSAGES);
    this.keyPage = db.prepare(KEYS);
  }

  /** Queues of all projects that are open, after a project's key and a name. */
  queues(project: string, name: string, limit: number): WholeQueue[] {
    return this.queuePage.all(project, name, limit).map((row) => {
      const { uid, pool, metadata, createdAt, nextMarker } = row;
      return {
        project: namedProject(row.project),
        name: row.name,
        ref: { uid, pool },
        metadata,
        createdAt,
        nextMarker,
      };
    });
  }

  /** A queue's messages that live at `tick`, claimed or not, after a marker. */
  messages(q: number, after: number, tick: Tick, limit: number): WholeRow[] {
    return this.messagePage.all(q, after, tick, limit);
  }

  /** A queue's producer records whose window is open at `tick`, after a producer and a sequence. */
  keys(q: number, after: Pick<WholeKey, 'producer' | 'sequence'>, tick: Tick, limit: number): WholeKey[] {
    return this.keyPage.all(q, after.producer, after.sequence, tick, limit);
  }
}
