/** The embedded storage: one SQLite file (design section 6, ADR 0005). */
export { openSqlite } from './open.js';
export type { SqliteOptions } from './options.js';
export { backupSqlite, checkSqlite, restoreSqlite, type CheckReport } from './maintenance/index.js';
