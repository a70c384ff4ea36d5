import type { Tick } from '../../../../domain/time.js';
import type { ProducerKey } from '../../../ports/index.js';
import type { Db, Statement } from '../db/port.js';

/** What a named post came to. */
export interface ProducerRecord {
  readonly fingerprint: string;
  readonly batch: string;
  readonly first: number;
  readonly count: number;
  readonly until: Tick;
}

/** First receipts of posts that may be repeated. */
export class ProducerKeyTable {
  private readonly find: Statement<ProducerRecord>;
  private readonly replace: Statement;
  private readonly deleteOld: Statement;
  private readonly deleteOf: Statement;

  constructor(db: Db) {
    this.find = db.prepare(
      'SELECT fingerprint, batch, first, count, until FROM producer_keys WHERE q = ? AND producer = ? AND sequence = ?',
    );
    this.replace = db.prepare(
      'INSERT OR REPLACE INTO producer_keys (q, producer, sequence, fingerprint, batch, first, count, until) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const some = 'DELETE FROM producer_keys WHERE (q, producer, sequence) IN (SELECT q, producer, sequence FROM';
    this.deleteOld = db.prepare(`${some} producer_keys WHERE until <= ? ORDER BY until LIMIT ?)`);
    this.deleteOf = db.prepare(`${some} producer_keys WHERE q = ? LIMIT ?)`);
  }

  /** The record of a key whose window is open at `tick`. */
  recorded(q: number, key: ProducerKey, tick: Tick): ProducerRecord | null {
    const row = this.find.get(q, key.producer, key.sequence);
    return row && row.until > tick ? row : null;
  }

  put(q: number, key: ProducerKey, record: Omit<ProducerRecord, 'fingerprint'>): void {
    const { batch, first, count, until } = record;
    this.replace.run(q, key.producer, key.sequence, key.fingerprint, batch, first, count, until);
  }

  /** Frees records whose window is over; gives how many. */
  sweep(tick: Tick, limit: number): number {
    return this.deleteOld.run(tick, limit).changes;
  }

  /** Frees a queue's records; gives how many. */
  sweepQueue(q: number, limit: number): number {
    return this.deleteOf.run(q, limit).changes;
  }
}
