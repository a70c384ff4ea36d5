/** The embedded storage: one SQLite file (design section 6, ADR 0005). */
export { openSqlite } from './open.js';
export type { SqliteOptions } from './options.js';
export {
  backupSqlite,
  checkSqlite,
  initSqlite,
  restoreSqlite,
  viewSqlite,
  type CheckReport,
  type InitReport,
  type SqliteView,
} from './maintenance/index.js';
