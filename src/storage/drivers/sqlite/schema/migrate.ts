import { MarconiError } from '../../../../errors/marconi-error.js';
import { pragmaValue } from '../db/connect.js';
import type { Db } from '../db/port.js';
import { PAGE_SIZE } from '../options.js';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './ddl.js';

/**
 * Brings the file to this program's schema; to be called before WAL is switched on, as the page size is fixed by the
 * first table. Each step is one transaction, so that a start that is killed begins again where it was.
 * Refuses, with STORAGE_UNAVAILABLE and what to do, a file of another program and one of a newer version.
 */
export function migrate(db: Db, path: string): void {
  if (isEmpty(db)) {
    db.pragma(`page_size = ${PAGE_SIZE}`);
    db.pragma('auto_vacuum = INCREMENTAL');
  } else {
    refuseForeign(db, path);
  }
  const version = Number(pragmaValue(db, 'user_version'));
  if (version > SCHEMA_VERSION) {
    throw new MarconiError(
      'STORAGE_UNAVAILABLE',
      `${path} has schema version ${version}, newer than ${SCHEMA_VERSION} of this program: ` +
        'start the newer program, or restore a backup made by this one.',
    );
  }
  for (const step of MIGRATIONS.slice(version)) {
    const mark = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step.version};`;
    db.exec(`BEGIN IMMEDIATE; ${step.sql} ${mark} COMMIT;`);
  }
}

/** Refuses a file that is not ours. */
export function refuseForeign(db: Db, path: string): void {
  if (pragmaValue(db, 'application_id') === APPLICATION_ID) return;
  throw new MarconiError(
    'STORAGE_UNAVAILABLE',
    `${path} is the database of another program: name another file as the storage.`,
  );
}

function isEmpty(db: Db): boolean {
  const tables = db.prepare<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema').get();
  return tables?.n === 0 && pragmaValue(db, 'application_id') === 0;
}
