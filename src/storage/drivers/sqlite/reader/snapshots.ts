import { MarconiError } from '../../../../errors/marconi-error.js';
import { connectReader } from '../db/connect.js';
import { failureKind, sqliteCode } from '../db/failure.js';
import type { Db, OpenDb, Statement } from '../db/port.js';
import type { FileOptions } from '../options.js';
import { Alarm } from '../recovery/alarm.js';
import { Tables } from '../tables/index.js';

interface Session {
  readonly db: Db;
  readonly tables: Tables;
  readonly begin: Statement;
  readonly end: Statement;
}

/** Reads of one committed moment each, from a connection of its own that is opened again after a failure. */
export class Snapshots {
  private session: Session | null = null;
  private readonly alarm: Alarm;

  constructor(
    private readonly openDb: OpenDb,
    private readonly options: Pick<FileOptions, 'path' | 'alarm'>,
  ) {
    this.alarm = new Alarm(options.alarm);
  }

  /** Runs a read; throws STORAGE_UNAVAILABLE when SQLite cannot answer. */
  read<T>(work: (tables: Tables) => T): T {
    try {
      const { tables, begin, end } = (this.session ??= this.connect());
      begin.run();
      const value = work(tables);
      end.run();
      return value;
    } catch (error) {
      this.close();
      throw this.failed(error);
    }
  }

  close(): void {
    const session = this.session;
    this.session = null;
    try {
      session?.db.close();
    } catch {
      // A connection that cannot even be closed is let go all the same.
    }
  }

  private connect(): Session {
    if (this.alarm.raised) {
      const text = 'The storage is being opened anew after the disk failed.';
      throw new MarconiError('STORAGE_UNAVAILABLE', text, { retryAfterMs: 1_000 });
    }
    const db = connectReader(this.openDb, this.options.path);
    return { db, tables: new Tables(db), begin: db.prepare('BEGIN'), end: db.prepare('COMMIT') };
  }

  private failed(error: unknown): MarconiError {
    if (failureKind(error) === 'other') return MarconiError.from(error);
    const text = `The storage cannot be read: ${sqliteCode(error)}.`;
    return new MarconiError('STORAGE_UNAVAILABLE', text, { retryAfterMs: 1_000, cause: error });
  }
}
