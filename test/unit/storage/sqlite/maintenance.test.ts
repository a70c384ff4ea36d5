import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  backupSqlite,
  checkSqlite,
  initSqlite,
  openSqlite,
  restoreSqlite,
  viewSqlite,
} from '../../../../src/storage/drivers/sqlite/index.js';
import type { QueueRef, Storage } from '../../../../src/storage/ports/index.js';
import { makeTempDir, removeTempDir } from '../../../support/temp-dir.js';

const queue: QueueRef = { uid: '1'.repeat(32), pool: 'default' };
const MESSAGES = 200;
let folder: string;
let path: string;
let backup: string;
let storage: Storage | null;

function open(file: string): Promise<Storage> {
  const limits = { reserveBytes: 0, ballastBytes: 0, execution: 'inline' } as const;
  return openSqlite({ path: file, synchronous: 'normal', ...limits });
}

async function close(): Promise<void> {
  await storage?.close();
  storage = null;
}

beforeEach(async () => {
  folder = makeTempDir('maintenance');
  [path, backup] = [join(folder, 'marconi.db'), join(folder, 'backup.db')];
  storage = await open(path);
  const now = storage.clock.now();
  const message = { body: Buffer.from('"x"'), contentType: '', ttl: 3_600 };
  const post = { batch: 'a'.repeat(16), poster: null, key: null, messages: Array(MESSAGES).fill(message) };
  await storage.control.createQueue('p', 'q', queue, now);
  await storage.messages.apply({
    ops: [
      { kind: 'open', queue },
      { kind: 'post', queue, ...post },
      { kind: 'claimNext', queue, claim: 'c', ttl: 300, grace: 60, limit: 20, maxBytes: 1e6 },
    ],
    now,
  });
});
afterEach(async () => {
  await close();
  removeTempDir(folder);
});

async function damage(sql: string): Promise<readonly string[]> {
  await close();
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return checkSqlite(path).problems;
}

const refused = (text: RegExp) =>
  expect.objectContaining({ reason: 'STORAGE_UNAVAILABLE', message: expect.stringMatching(text) as string });

test('a sound database is found sound while it is served', () => {
  expect(checkSqlite(path)).toMatchObject({ path, schemaVersion: 1, queues: 1, messages: MESSAGES, problems: [] });
});

test.each([
  ['UPDATE heads SET total = total + 1', /counts other messages/],
  ['UPDATE heads SET held = held - 1', /counts other holds/],
  ['UPDATE ticks SET n = n + 1 WHERE kind = 0', /counts other expiries/],
  ['UPDATE ticks SET n = n + 1 WHERE kind = 1', /counts other ends of holds/],
  ['DELETE FROM bodies WHERE id = 7', /message without its body, at marker 7/],
  ["INSERT INTO bodies (body) VALUES (x'00')", /no message has the body/],
  ['UPDATE heads SET next = 5', /at a marker that it never gave/],
  ['UPDATE claims SET remaining = 3', /a claim that counts other messages/],
  ['UPDATE blocks SET due_min = 9007199254740991 WHERE level = 1', /outside the bounds of their block/],
  ['UPDATE blocks SET expires_max = 5 WHERE level = 2', /outside the bounds of its parent/],
  ['DELETE FROM blocks WHERE level = 1 AND block = 2', /outside the bounds of their block, at markers 128, 191/],
])('%s is found', async (sql, text) => {
  const problems = await damage(sql);
  expect(problems).toContainEqual(expect.stringMatching(text));
  expect(problems.length).toBeLessThanOrEqual(100);
});

test('a page of rubbish is found', async () => {
  await close();
  const bytes = readFileSync(path);
  bytes.fill(0x55, bytes.length - 4 * 4_096, bytes.length - 4_096);
  writeFileSync(path, bytes);
  expect(checkSqlite(path).problems).not.toEqual([]);
});

test('a backup is made while the database is served, and restored elsewhere with all of it', async () => {
  const report = backupSqlite(path, backup);
  expect(report).toMatchObject({ path: backup, queues: 1, messages: MESSAGES, problems: [] });
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  expect(existsSync(`${backup}.partial`)).toBe(false);
  const target = join(folder, 'other', 'marconi.db');
  expect(restoreSqlite(backup, target)).toMatchObject({ path: target, messages: MESSAGES });
  await close();
  storage = await open(target);
  expect(await storage.control.findQueue('p', 'q')).toMatchObject({ ref: queue });
  const stats = await storage.messages.stats(queue, storage.clock.now());
  expect(stats).toMatchObject({ total: MESSAGES, claimed: 20 });
});

test('nothing is overwritten', () => {
  writeFileSync(backup, 'mine');
  expect(() => backupSqlite(path, backup)).toThrow(refused(/exists: move it away/));
  expect(readFileSync(backup, 'utf8')).toBe('mine');
});

test('a restore is refused where a server holds the target, and where a database is', async () => {
  backupSqlite(path, backup);
  expect(() => restoreSqlite(backup, path)).toThrow(refused(/served by another process/));
  await close();
  expect(() => restoreSqlite(backup, path)).toThrow(refused(/exists: move it away/));
});

test('a damaged database gives no backup, and a damaged backup no database', async () => {
  backupSqlite(path, backup);
  await damage('UPDATE heads SET total = total + 1');
  const another = join(folder, 'another.db');
  expect(() => backupSqlite(path, another)).toThrow(refused(/is damaged: .*counts other messages/));
  const db = new Database(backup);
  db.exec('DELETE FROM bodies');
  db.close();
  expect(() => restoreSqlite(backup, another)).toThrow(refused(/is damaged/));
  expect([another, `${another}.partial`].map((file) => existsSync(file))).toEqual([false, false]);
});

test('what is not there, or not ours, cannot be checked', async () => {
  expect(() => checkSqlite(join(folder, 'none.db'))).toThrow(refused(/cannot be opened/));
  await close();
  const db = new Database(path);
  db.pragma('application_id = 9');
  db.close();
  expect(() => checkSqlite(path)).toThrow(refused(/another program/));
});

test('a database is made once, and left alone afterwards, also while it is served', async () => {
  const made = join(folder, 'new', 'made.db');
  expect(initSqlite(made)).toEqual({ path: made, existed: false, schemaBefore: 0, schemaVersion: 1 });
  expect(statSync(made).mode & 0o777).toBe(0o600);
  expect(checkSqlite(made)).toMatchObject({ queues: 0, problems: [] });
  const before = readFileSync(path);
  expect(initSqlite(path)).toEqual({ path, existed: true, schemaBefore: 1, schemaVersion: 1 });
  expect(readFileSync(path)).toEqual(before);
});

test('an empty file becomes a database; one that is not ours, newer, or being made stays as it is', async () => {
  const empty = join(folder, 'empty.db');
  writeFileSync(empty, '');
  expect(initSqlite(empty)).toMatchObject({ existed: false });
  writeFileSync(backup, 'not a database '.repeat(500));
  expect(() => initSqlite(backup)).toThrow(refused(/is damaged, or no SQLite database/));
  await damage('PRAGMA user_version = 99');
  expect(() => initSqlite(path)).toThrow(refused(/schema version 99, newer than 1/));
  const served = join(folder, 'served.db');
  storage = await open(served);
  writeFileSync(served, '');
  expect(() => initSqlite(served)).toThrow(refused(/served by another process/));
});

test('a view counts what is committed while the database is served', async () => {
  const view = viewSqlite(path);
  expect(view.queues(null, 9)).toMatchObject([{ project: 'p', name: 'q', ref: queue, nextMarker: MESSAGES + 1 }]);
  expect(view.queues({ project: 'p', name: 'q' }, 9)).toEqual([]);
  expect(view.stats(queue)).toMatchObject({ total: MESSAGES, claimed: 20 });
  await storage?.messages.apply({
    ops: [{ kind: 'popNext', queue, limit: 5, maxBytes: 1e6 }],
    now: storage.clock.now(),
  });
  expect(view.stats(queue)).toMatchObject({ total: MESSAGES - 5, claimed: 20 });
  expect(view.bytes).toBe(checkSqlite(path).bytes);
  view.close();
  expect(() => viewSqlite(join(folder, 'none.db'))).toThrow(refused(/cannot be opened/));
});
