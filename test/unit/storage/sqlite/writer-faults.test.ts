import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MarconiError } from '../../../../src/errors/marconi-error.js';
import { realBinding } from '../../../../src/storage/drivers/sqlite/binding.js';
import { openBetter } from '../../../../src/storage/drivers/sqlite/db/better.js';
import { checkSqlite } from '../../../../src/storage/drivers/sqlite/index.js';
import { Alarm } from '../../../../src/storage/drivers/sqlite/recovery/alarm.js';
import { createFile } from '../../../../src/storage/drivers/sqlite/schema/open-file.js';
import { Writer } from '../../../../src/storage/drivers/sqlite/writer/writer.js';
import type { MessageOp, QueueRef } from '../../../../src/storage/ports/index.js';
import { makeTempDir, removeTempDir } from '../../../support/temp-dir.js';
import { FaultyBinding } from './faulty-db.js';

const MIB = 1024 * 1024;
const NOW = 1_800_000_000_000;
const queue: QueueRef = { uid: '1'.repeat(32), pool: 'default' };

let folder: string;
let path: string;
let binding: FaultyBinding;
let time: number;
let free: number;
let writer: Writer;
let batches: number;
let alarm: SharedArrayBuffer;

beforeEach(() => {
  folder = makeTempDir('writer');
  path = join(folder, 'marconi.db');
  binding = new FaultyBinding();
  [time, free, batches] = [0, 1_000 * MIB, 0];
  alarm = Alarm.memory();
  createFile(path);
  writer = new Writer(
    {
      openDb: binding.openDb,
      monotonic: () => time,
      freeSpace: () => ({ free: free - ballastSize(), size: 1_000 * MIB }),
    },
    { path, synchronous: 'full', reserveBytes: 10 * MIB, ballastBytes: MIB, alarm },
  );
  writer.open();
  writer.apply({ ops: [{ kind: 'open', queue }], now: NOW });
});

afterEach(() => {
  writer.close();
  expect(checkSqlite(path).problems).toEqual([]);
  removeTempDir(folder);
});

function ballastSize(): number {
  return statSync(`${path}.ballast`, { throwIfNoEntry: false })?.size ?? 0;
}

function post(): MessageOp {
  const batch = String(batches++).padStart(16, '0');
  const message = { body: Buffer.from('"x"'), contentType: '', ttl: 3_600 };
  return { kind: 'post', queue, batch, poster: null, messages: [message], key: null };
}

function kinds(...ops: MessageOp[]): string[] {
  return writer.apply({ ops, now: NOW }).outcomes.map(({ kind }) => kind);
}

function refusal(work: () => unknown): Pick<MarconiError, 'reason'> & { hinted: boolean } {
  try {
    work();
  } catch (error) {
    const { reason, retryAfterMs } = error as MarconiError;
    return { reason, hinted: retryAfterMs !== undefined };
  }
  throw new Error('It was not refused.');
}

const unavailable = { reason: 'STORAGE_UNAVAILABLE', hinted: true };
const full = { reason: 'STORAGE_FULL', hinted: true };
const pop: MessageOp = { kind: 'popNext', queue, limit: 1, maxBytes: MIB };

describe('an I/O error', () => {
  test.each(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_WRITE', 'SQLITE_CORRUPT'])(
    '%s at the commit: nothing is acknowledged until the WAL is emptied',
    (code) => {
      binding.fault = (sql) => (sql === 'COMMIT' ? code : null);
      expect(refusal(() => kinds(post()))).toEqual(unavailable);
      expect(writer.health().state).toBe('unavailable');

      binding.fault = () => null;
      time += 10_000;
      expect(refusal(() => kinds(post()))).toEqual(unavailable);
      binding.fault = (sql) => (sql.includes('wal_checkpoint(TRUNCATE)') ? 'SQLITE_IOERR_FSYNC' : null);
      expect(refusal(() => writer.comeBack())).toEqual(unavailable);
      expect(refusal(() => kinds(post()))).toEqual(unavailable);

      binding.fault = () => null;
      binding.ran.length = 0;
      writer.comeBack();
      expect(kinds(post(), pop, pop)).toEqual(['posted', 'popped', 'none']);
      const order = binding.ran.filter((sql) => /TRUNCATE|COMMIT/.test(sql));
      expect(order).toEqual(['wal_checkpoint(TRUNCATE)', 'COMMIT']);
      expect(writer.health().state).toBe('ok');
    },
  );

  test('of another thread: nothing is acknowledged until all have opened anew', () => {
    new Alarm(alarm).raise();
    expect(writer.health().state).toBe('unavailable');
    expect(refusal(() => kinds(post()))).toEqual(unavailable);
    writer.housekeep();
    expect(refusal(() => kinds(post()))).toEqual(unavailable);
    writer.comeBack();
    expect(kinds(post())).toEqual(['posted']);
  });

  test('does not come back while another program remembers how far the WAL was copied', () => {
    expect(kinds(post())).toEqual(['posted']);
    const other = openBetter(path, { mustExist: true, readonly: false, busyMs: 0 });
    expect(other.pragma('wal_checkpoint(PASSIVE)')).toMatchObject([{ busy: 0 }]);
    new Alarm(alarm).raise();
    writer.close();
    expect(refusal(() => writer.comeBack())).toEqual(unavailable);
    expect(writer.health().detail).toContain('another program');
    other.close();
    writer.comeBack();
    expect(kinds(post())).toEqual(['posted']);
  });

  test('a lock that another program keeps is told apart, and costs no connection', () => {
    binding.fault = (sql) => (sql === 'BEGIN IMMEDIATE' ? 'SQLITE_BUSY' : null);
    expect(refusal(() => kinds(post()))).toEqual(unavailable);
    binding.fault = () => null;
    expect(kinds(post())).toEqual(['posted']);
  });

  test('an error that is no failure of the disk undoes the whole batch', () => {
    binding.fault = (sql) => (sql.startsWith('UPDATE heads') ? 'SQLITE_CONSTRAINT' : null);
    expect(refusal(() => kinds(post()))).toMatchObject({ reason: 'INTERNAL' });
    binding.fault = () => null;
    expect(kinds(pop)).toEqual(['none']);
  });
});

describe('a full disk', () => {
  test('below the reserve what adds is refused, all else works, and it ends a quarter higher', () => {
    expect(kinds(post(), post())).toEqual(['posted', 'posted']);
    free = 9 * MIB;
    const other = { uid: '2'.repeat(32), pool: 'default' };
    expect(kinds(post(), pop, { kind: 'open', queue: other })).toEqual(['full', 'popped', 'full']);
    expect(writer.health().state).toBe('full');
    expect(refusal(() => writer.createQueue(null, 'q', other, NOW))).toEqual(full);
    free = 11 * MIB;
    expect(kinds(post())).toEqual(['full']);
    free = 13 * MIB;
    expect(kinds(post())).toEqual(['posted']);
    expect(writer.createQueue(null, 'q', other, NOW).created).toBe(true);
    free = 9 * MIB;
    expect(writer.createQueue(null, 'q', other, NOW).created).toBe(false);
    expect(refusal(() => writer.setMetadata(null, 'q', Buffer.from('{}')))).toEqual(full);
    expect(writer.setMetadata(null, 'none', Buffer.from('{}'))).toBe(false);
    expect(writer.deleteQueue(null, 'q', other.uid)).toBe(true);
  });

  test('a disk that is full all the same: what adds is refused within the batch', () => {
    expect(kinds(post())).toEqual(['posted']);
    binding.fault = (sql) => (sql.startsWith('INSERT INTO bodies') ? 'SQLITE_FULL' : null);
    expect(kinds(post(), pop)).toEqual(['full', 'popped']);
  });

  test('the ballast goes slice by slice until deletions fit, and is made again when there is room', () => {
    expect(kinds(post(), post())).toEqual(['posted', 'posted']);
    writer.housekeep();
    expect(ballastSize()).toBe(MIB);
    free = MIB;
    binding.fault = (sql) => (sql === 'COMMIT' && ballastSize() > MIB / 2 ? 'SQLITE_FULL' : null);
    expect(kinds(pop)).toEqual(['popped']);
    expect(ballastSize()).toBe(MIB / 2);

    binding.fault = (sql) => (sql === 'COMMIT' ? 'SQLITE_FULL' : null);
    expect(refusal(() => kinds(pop))).toEqual(full);
    expect(ballastSize()).toBe(0);

    binding.fault = () => null;
    free = 1_000 * MIB;
    writer.housekeep();
    expect(ballastSize()).toBe(MIB);
    expect(kinds(pop)).toEqual(['popped']);
  });

  test('drained space is given back to the file system', () => {
    const body = Buffer.alloc(4 * MIB, 0x20);
    const message = { body, contentType: '', ttl: 3_600 };
    const large = { ...post(), messages: [message, message] } as MessageOp;
    expect(kinds(large)).toEqual(['posted']);
    expect(kinds({ ...pop, limit: 2, maxBytes: 8 * MIB })).toEqual(['popped']);
    free = MIB;
    for (; time < 3_000; time += 100) writer.housekeep();
    expect(statSync(path).size).toBeLessThan(MIB);
    expect(existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0).toBeLessThanOrEqual(4 * MIB);
  });
});

test('the real binding tells the free space of a folder', () => {
  const { free, size } = realBinding.freeSpace(folder);
  expect(free).toBeGreaterThan(0);
  expect(size).toBeGreaterThan(free);
});
