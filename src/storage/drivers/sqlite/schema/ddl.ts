/** "MRCN": the application id that marks a file as ours. */
export const APPLICATION_ID = 0x4d52434e;

/** A tick that never comes: held by nothing, until nothing. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** One step of the schema; steps are only ever appended. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * Version 1. Bodies have a table of their own, so that a claim does not rewrite them. No index knows of claims or
 * expiry: `blocks` bounds what each run of markers can hold, and `ticks` counts what falls due when, so that an ended
 * claim or life needs no write. Columns from `priority` on are reserved for what is numbered in the contract.
 */
const FIRST = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('clock', 0);

CREATE TABLE queues (
  id INTEGER PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL UNIQUE, pool TEXT NOT NULL,
  metadata BLOB NOT NULL, created_at INTEGER NOT NULL, UNIQUE (project, name)) STRICT;

CREATE TABLE heads (
  q INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, opened_at INTEGER NOT NULL, next INTEGER NOT NULL,
  total INTEGER NOT NULL, held INTEGER NOT NULL, held_swept INTEGER NOT NULL, fenced INTEGER,
  cleaned INTEGER NOT NULL) STRICT;
CREATE INDEX heads_fenced ON heads (cleaned, fenced) WHERE fenced IS NOT NULL;

CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

CREATE TABLE messages (
  q INTEGER NOT NULL, k INTEGER NOT NULL, batch TEXT NOT NULL, idx INTEGER NOT NULL, poster BLOB NOT NULL,
  posted_at INTEGER NOT NULL, ttl INTEGER NOT NULL, expires INTEGER NOT NULL, state INTEGER NOT NULL,
  due INTEGER NOT NULL, claim TEXT NOT NULL, epoch INTEGER NOT NULL, attempt INTEGER NOT NULL,
  body INTEGER NOT NULL, size INTEGER NOT NULL, content_type TEXT NOT NULL,
  priority INTEGER, group_key TEXT, attributes BLOB, dedup_key TEXT, origin BLOB,
  PRIMARY KEY (q, k)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX messages_batch ON messages (q, batch, idx);

CREATE TABLE blocks (
  q INTEGER NOT NULL, level INTEGER NOT NULL, block INTEGER NOT NULL, due_min INTEGER NOT NULL,
  expires_min INTEGER NOT NULL, expires_max INTEGER NOT NULL, poster_lo BLOB NOT NULL, poster_hi BLOB NOT NULL,
  PRIMARY KEY (q, level, block)) STRICT, WITHOUT ROWID;

CREATE TABLE ticks (
  q INTEGER NOT NULL, kind INTEGER NOT NULL, tick INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (q, kind, tick)) STRICT, WITHOUT ROWID;
CREATE INDEX ticks_due ON ticks (tick);

CREATE TABLE claims (
  q INTEGER NOT NULL, id TEXT NOT NULL, ttl INTEGER NOT NULL, since INTEGER NOT NULL, ends INTEGER NOT NULL,
  members TEXT NOT NULL, remaining INTEGER NOT NULL, PRIMARY KEY (q, id)) STRICT, WITHOUT ROWID;
CREATE INDEX claims_ends ON claims (ends);

CREATE TABLE producer_keys (
  q INTEGER NOT NULL, producer TEXT NOT NULL, sequence TEXT NOT NULL, fingerprint TEXT NOT NULL, batch TEXT NOT NULL,
  first INTEGER NOT NULL, count INTEGER NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (q, producer, sequence)) STRICT, WITHOUT ROWID;
CREATE INDEX producer_keys_until ON producer_keys (until);
`;

/** All steps, oldest first. */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, sql: FIRST }];

/** The version that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
