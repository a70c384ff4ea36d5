import { statSync } from 'node:fs';
import { pragmaValue } from '../db/connect.js';
import type { Db, OpenDb } from '../db/port.js';
import { takeOwnership } from '../files/lock.js';
import { Alarm } from '../recovery/alarm.js';
import { SCHEMA_VERSION } from '../schema/ddl.js';
import { createFile, openFile } from '../schema/open-file.js';
import { lookInto } from './look.js';

/** What there was, and what there is now. */
export interface InitReport {
  readonly path: string;
  /** False when there was no database. */
  readonly existed: boolean;
  /** 0 when there was none. */
  readonly schemaBefore: number;
  readonly schemaVersion: number;
}

/**
 * Makes the database, or brings its schema up to this program's; one that needs neither is not touched, so that a server
 * may be using it. Throws STORAGE_UNAVAILABLE when it is foreign, newer, damaged, or served and in need of a change.
 */
export function initDatabase(openDb: OpenDb, path: string): InitReport {
  const existed = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const schemaBefore = existed ? lookInto(openDb, path, schemaOf) : 0;
  if (schemaBefore !== SCHEMA_VERSION) make(openDb, path);
  return { path, existed, schemaBefore, schemaVersion: SCHEMA_VERSION };
}

function schemaOf(db: Db): number {
  return Number(pragmaValue(db, 'user_version'));
}

function make(openDb: OpenDb, path: string): void {
  createFile(path);
  const ownership = takeOwnership(openDb, path);
  try {
    openFile(openDb, { path, synchronous: 'full', reserveBytes: 0, ballastBytes: 0, alarm: Alarm.memory() }).close();
  } finally {
    ownership.release();
  }
}
