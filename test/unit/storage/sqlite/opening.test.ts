import { chmodSync, copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { storeClock } from '../../../../src/storage/drivers/sqlite/clock.js';
import { openSqlite } from '../../../../src/storage/drivers/sqlite/index.js';
import type { QueueRef, Storage } from '../../../../src/storage/ports/index.js';
import { makeTempDir, removeTempDir } from '../../../support/temp-dir.js';

const queue: QueueRef = { uid: '1'.repeat(32), pool: 'default' };
let folder: string;
let path: string;
const opened: Storage[] = [];

beforeEach(() => {
  folder = makeTempDir('opening');
  path = join(folder, 'data', 'marconi.db');
});
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close();
  removeTempDir(folder);
});

async function open(synchronous: 'full' | 'normal' = 'full'): Promise<Storage> {
  const limits = { reserveBytes: 0, ballastBytes: 0, execution: 'inline' } as const;
  const storage = await openSqlite({ path, synchronous, ...limits });
  opened.push(storage);
  return storage;
}

async function openAndClose(messages = 0): Promise<void> {
  const storage = await open();
  const now = storage.clock.now();
  const message = { body: Buffer.alloc(2_000, 0x20), contentType: '', ttl: 3_600 };
  const post = { queue, poster: null, key: null, batch: 'a'.repeat(16), messages: Array(messages).fill(message) };
  await storage.messages.apply({ ops: [{ kind: 'open', queue }], now });
  if (messages > 0) await storage.messages.apply({ ops: [{ kind: 'post', ...post }], now });
  await opened.pop()?.close();
}

function change(sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

const refused = (text: RegExp) =>
  expect.objectContaining({ reason: 'STORAGE_UNAVAILABLE', message: expect.stringMatching(text) as string });

test("a new database: folder and files are its owner's alone, and SQLite is set as it must be", async () => {
  const storage = await open();
  expect([storage.driver, storage.durability]).toEqual(['sqlite', 'fsync']);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  for (const suffix of ['', '-wal', '-shm', '.lock']) expect(statSync(`${path}${suffix}`).mode & 0o077).toBe(0);
  const db = new Database(path, { readonly: true });
  const settings = ['application_id', 'user_version', 'journal_mode', 'auto_vacuum', 'page_size'];
  expect(settings.map((name) => db.pragma(name, { simple: true }))).toEqual([0x4d52434e, 1, 'wal', 2, 4_096]);
  db.close();
});

test('a relaxed database says so', async () => {
  expect((await open('normal')).durability).toBe('relaxed');
});

test('two at once: the second is told to stop the first', async () => {
  await open();
  await expect(open()).rejects.toEqual(refused(/served by another process: stop that one/));
  await opened.pop()?.close();
  await expect(open()).resolves.toBeDefined();
});

test('the database of another program is refused and left alone', async () => {
  await openAndClose();
  change('PRAGMA application_id = 7');
  await expect(open()).rejects.toEqual(refused(/another program: name another file/));
});

test('a database with tables and without an application id is refused as well', async () => {
  await openAndClose();
  change('PRAGMA application_id = 0');
  await expect(open()).rejects.toEqual(refused(/another program/));
});

test('a newer database is refused with both versions', async () => {
  await openAndClose();
  change('PRAGMA user_version = 9');
  await expect(open()).rejects.toEqual(refused(/version 9, newer than 1 .*: start the newer program/));
});

test('a start that was killed before its tables stood begins again', async () => {
  await openAndClose();
  writeFileSync(path, '');
  await expect(open()).resolves.toBeDefined();
});

test('what is no database is refused and left alone', async () => {
  await openAndClose();
  writeFileSync(path, 'x'.repeat(10_000));
  await expect(open()).rejects.toEqual(refused(/damaged, or no SQLite database: restore a backup/));
  expect(readFileSync(path, 'utf8')).toBe('x'.repeat(10_000));
});

test('a cut database is refused', async () => {
  await openAndClose(100);
  truncateSync(path, Math.floor(statSync(path).size / 2 / 4_096) * 4_096);
  await expect(open()).rejects.toEqual(refused(/damaged/));
});

test('a path that is no file is refused', async () => {
  await openAndClose();
  path = join(folder, 'data');
  await expect(open()).rejects.toEqual(refused(/make its folder writable/));
});

test('the time goes on from where the last commit was, whatever the wall clock says', async () => {
  await openAndClose();
  const ahead = Date.now() + 3_600_000;
  change(`UPDATE meta SET value = ${ahead}`);
  const { clock } = await open();
  expect(clock.now()).toBeGreaterThanOrEqual(ahead);
  expect(clock.now()).toBeLessThan(ahead + 60_000);
});

test('the clock follows the monotonic clock, not the wall', () => {
  let [wall, monotonic] = [5_000.7, 100.2];
  const clock = storeClock(
    0,
    () => wall,
    () => monotonic,
  );
  expect(clock.now()).toBe(5_000);
  [wall, monotonic] = [1_000, 1_100.2];
  expect(clock.now()).toBe(6_000);
});

test('a copy of a live database file with its WAL opens with all that was acknowledged', async () => {
  const storage = await open();
  const now = storage.clock.now();
  const messages = [{ body: Buffer.from('1'), contentType: '', ttl: 3_600 }];
  const post = { kind: 'post', queue, batch: 'b'.repeat(16), poster: null, key: null, messages } as const;
  await storage.messages.apply({ ops: [{ kind: 'open', queue }, post], now });
  const copy = join(folder, 'copy.db');
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  chmodSync(copy, 0o600);
  path = copy;
  const reopened = await open();
  expect(await reopened.messages.stats(queue, now)).toMatchObject({ total: 1, claimed: 0 });
});
