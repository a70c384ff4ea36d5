import { openBetter } from '../../../../src/storage/drivers/sqlite/db/better.js';
import type { Db, DbOptions, Statement } from '../../../../src/storage/drivers/sqlite/db/port.js';

/** Decides, for each statement that is about to run, whether it fails, and with which of SQLite's codes. */
export type Fault = (sql: string) => string | null;

/** A binding whose statements fail where a test says so; what fails is not run. */
export class FaultyBinding {
  fault: Fault = () => null;
  /** Statements that have run since the test last emptied it. */
  readonly ran: string[] = [];

  readonly openDb = (path: string, options: DbOptions): Db => {
    const db = openBetter(path, options);
    return {
      get inTransaction() {
        return db.inTransaction;
      },
      exec: (sql) => this.run(sql, () => db.exec(sql)),
      prepare: <Row>(sql: string) => this.wrap<Row>(sql, db.prepare<Row>(sql)),
      pragma: (text) => this.run(text, () => db.pragma(text)),
      close: () => db.close(),
    };
  };

  private wrap<Row>(sql: string, statement: Statement<Row>): Statement<Row> {
    return {
      run: (...values) => this.run(sql, () => statement.run(...values)),
      get: (...values) => this.run(sql, () => statement.get(...values)),
      all: (...values) => this.run(sql, () => statement.all(...values)),
    };
  }

  private run<T>(sql: string, work: () => T): T {
    const code = this.fault(sql);
    if (code !== null) throw Object.assign(new Error(`made to fail: ${sql}`), { code });
    this.ran.push(sql);
    return work();
  }
}
