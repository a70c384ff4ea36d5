import { runInNewContext } from 'node:vm';
import {
  MongoClient,
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoCompatibilityError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoUnexpectedServerResponseError,
  MongoWriteConcernError,
  type Document,
} from 'mongodb';
import { MarconiError } from '../../../../src/errors/marconi-error.js';
import { detailOf } from '../../../../src/storage/drivers/mongodb/error-facts.js';
import { failure, halfWay, isDuplicateKey, isRetryable } from '../../../../src/storage/drivers/mongodb/errors.js';
import { WireServer, type WireReply } from '../../../support/wire-server.js';

const coded = (code: number, errmsg = 'no', labels: string[] = []): MongoServerError =>
  new MongoServerError({ ok: 0, code, errmsg, errorLabels: labels });

const halfClosed = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
const elsewhere = runInNewContext(`Object.assign(new Error('ended'), { code: 'EPIPE' })`) as Error;
const destroyed = Object.assign(new Error('destroyed'), { code: 'ERR_STREAM_DESTROYED' });
const unmade = new MongoNetworkError('connect ECONNREFUSED');
unmade.addErrorLabel('SystemOverloadedError');

describe('what the driver throws, by class and code', () => {
  test.each([
    ['a disk that is full', coded(14_031), 'STORAGE_FULL', 'no room'],
    ['a quota by code', coded(12_501), 'STORAGE_FULL', 'no room'],
    [
      'a quota by text',
      coded(8_000, 'you are over your space quota, using 513 MB of 512 MB'),
      'STORAGE_FULL',
      'no room',
    ],
    [
      'a disk that is full, by text',
      coded(1, 'could not extend file: No space left on device'),
      'STORAGE_FULL',
      'room',
    ],
    ['a conflict', coded(112), 'OVERLOADED', 'same data'],
    ['a deadlock of DocumentDB', coded(16_908_292), 'OVERLOADED', 'same data'],
    ['a server that sheds load', coded(462, 'x', ['SystemOverloadedError']), 'OVERLOADED', 'more work'],
    ['wrong credentials', coded(18), 'STORAGE_UNAVAILABLE', 'refused the credentials'],
    ['a missing right', coded(13), 'STORAGE_UNAVAILABLE', 'lacks a right'],
    ['too few nodes', coded(100), 'STORAGE_UNAVAILABLE', 'not enough nodes for a majority'],
    ['a write concern that is unknown', coded(79), 'STORAGE_UNAVAILABLE', 'not enough nodes'],
    ['a member that is no primary', coded(10_107), 'STORAGE_UNAVAILABLE', 'changed its primary'],
    ['a member that ends', coded(11_600), 'STORAGE_UNAVAILABLE', 'changed its primary'],
    ['a majority that is late', coded(64), 'STORAGE_UNAVAILABLE', 'in time'],
    ['a command that took too long', coded(50), 'STORAGE_UNAVAILABLE', 'in time'],
    ['a mongos without its shard', coded(6), 'STORAGE_UNAVAILABLE', 'in time'],
    ['a version', new MongoCompatibilityError('wire version 8'), 'STORAGE_UNAVAILABLE', '4.4 or newer'],
    ['a broken connection', new MongoNetworkError('reset'), 'STORAGE_UNAVAILABLE', 'did not answer'],
    ['a connection that cannot be made', unmade, 'STORAGE_UNAVAILABLE', 'No primary of the database can be reached'],
    ['a connection that breaks while it is written to', halfClosed, 'STORAGE_UNAVAILABLE', 'did not answer'],
    ['a connection that is gone when it is written to', destroyed, 'STORAGE_UNAVAILABLE', 'did not answer'],
    ['a silent connection', new MongoNetworkTimeoutError('timed out'), 'STORAGE_UNAVAILABLE', 'did not answer'],
    ['an odd answer', new MongoUnexpectedServerResponseError('?'), 'STORAGE_UNAVAILABLE', 'did not answer'],
    ['a client that is closed', new MongoClientClosedError(), 'STORAGE_UNAVAILABLE', 'closed'],
    ['a session that its client ended', new MongoExpiredSessionError('ended'), 'STORAGE_UNAVAILABLE', 'closed'],
    ['any other refusal', coded(2, 'bad value'), 'STORAGE_UNAVAILABLE', 'refused a command'],
    ['a wrong call of the driver', new MongoInvalidArgumentError('x'), 'INTERNAL', 'internal'],
    ['a fault of ours', new TypeError('x'), 'INTERNAL', 'internal'],
  ])('%s', (_, thrown, reason, text) => {
    const error = failure(thrown);
    expect(error).toMatchObject({ reason, message: expect.stringContaining(text), cause: thrown });
    expect(error.retryAfterMs === undefined).toBe(reason === 'INTERNAL');
  });

  test('a write that too few nodes confirmed, told apart from one that they cannot confirm', () => {
    const late = (code: number, codeName: string) =>
      new MongoWriteConcernError({ ok: 1, writeConcernError: { code, codeName, errmsg: 'waiting timed out' } });
    expect(failure(late(64, 'WriteConcernTimeout')).message).toContain('No majority');
    expect(failure(late(100, 'UnsatisfiableWriteConcern')).message).toContain('not enough nodes');
    expect(isRetryable(late(64, 'WriteConcernTimeout'))).toBe(false);
    expect(isRetryable(late(91, 'ShutdownInProgress'))).toBe(true);
  });

  test('what a socket said is tried again, as any broken connection', () => {
    expect([halfClosed, destroyed, elsewhere].map(isRetryable)).toEqual([true, true, true]);
    expect(failure(elsewhere).reason).toBe('STORAGE_UNAVAILABLE');
    expect(detailOf(elsewhere)).toBe('ended');
    const others = ['ERR_INVALID_ARG_TYPE', 'ENOENT', 'EACCES', 'EISDIR'];
    for (const code of others) expect(isRetryable(Object.assign(new Error('x'), { code }))).toBe(false);
  });

  test('an error of Marconi stays as it is, and is judged by its cause', () => {
    const error = new MarconiError('OVERLOADED', 'x', { cause: coded(112) });
    expect(failure(error)).toBe(error);
    expect(isRetryable(error)).toBe(true);
    expect(isDuplicateKey(failure(coded(11_000)))).toBe(true);
    expect(isRetryable(new MarconiError('OVERLOADED', 'x'))).toBe(false);
  });

  test.each([6, 7, 89, 91, 112, 134, 189, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436, 16_908_292])(
    'code %d is worth another try',
    (code) => expect(isRetryable(coded(code))).toBe(true),
  );

  test.each([2, 13, 18, 50, 64, 100, 11_000, 14_031])('code %d is not', (code) =>
    expect(isRetryable(coded(code))).toBe(false),
  );

  test('labels and broken connections are worth another try, faults of ours are not', () => {
    expect(isRetryable(coded(1, 'x', ['RetryableWriteError']))).toBe(true);
    expect(isRetryable(coded(1, 'x', ['RetryableError']))).toBe(true);
    expect(isRetryable(new MongoNetworkTimeoutError('x'))).toBe(true);
    expect(isRetryable(new TypeError('x'))).toBe(false);
  });
});

describe('what the driver throws over a connection', () => {
  let server: WireServer;
  let client: MongoClient;
  let reply: WireReply | null = null;
  const things = () => client.db('t').collection<{ _id: number }>('things');
  const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => error,
    );

  beforeEach(async () => {
    reply = null;
    server = await WireServer.start((command) => ('insert' in command || 'update' in command ? reply : null));
    client = new MongoClient(`mongodb://${server.address}/?replicaSet=rs`, {
      ...{ serverSelectionTimeoutMS: 1_000, socketTimeoutMS: 300, connectTimeoutMS: 300, heartbeatFrequencyMS: 500 },
      ...{ maxPoolSize: 1, waitQueueTimeoutMS: 100 },
    });
    await client.connect();
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  const refuses = (...writeErrors: Document[]) => (reply = { ok: 1, n: 0, writeErrors });

  test('keys that are taken, alone and among other faults', async () => {
    refuses({ index: 0, code: 11_000, errmsg: 'E11000' }, { index: 1, code: 11_000, errmsg: 'E11000' });
    const many = () => things().insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }], { ordered: false });
    expect(isDuplicateKey(await thrownBy(many()))).toBe(true);
    expect(isDuplicateKey(await thrownBy(things().insertOne({ _id: 1 })))).toBe(true);
    refuses({ index: 0, code: 11_000, errmsg: 'E11000' }, { index: 1, code: 16_908_292, errmsg: 'deadlock detected' });
    const mixed = await thrownBy(many());
    expect([isDuplicateKey(mixed), isRetryable(mixed)]).toEqual([false, true]);
    refuses({ index: 0, code: 112, errmsg: 'conflict' }, { index: 1, code: 2, errmsg: 'bad' });
    expect(isRetryable(await thrownBy(many()))).toBe(false);
  });

  test('a bulk write that no majority confirmed is no taken key', async () => {
    const writeConcernError = { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting timed out' };
    reply = { ok: 1, n: 1, writeConcernError };
    const error = await thrownBy(things().insertMany([{ _id: 1 }]));
    expect(failure(error)).toMatchObject({
      reason: 'STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/^No majority/),
    });
    reply = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'E11000' }], writeConcernError };
    expect(isDuplicateKey(await thrownBy(things().insertMany([{ _id: 1 }])))).toBe(false);
  });

  test('a bulk write whose connection breaks is a broken connection', async () => {
    reply = 'hang up';
    const error = await thrownBy(things().insertMany([{ _id: 1 }]));
    expect(failure(error).message).toContain('did not answer');
    expect(isRetryable(error)).toBe(true);
    expect(server.commands.filter((command) => 'insert' in command)).toHaveLength(2);
  });

  test('a pool without a free connection is an overload, in a bulk write too', async () => {
    reply = 'silence';
    const stuck = thrownBy(things().updateOne({ _id: 1 }, { $set: { a: 1 } }));
    const crowded = await Promise.all([
      thrownBy(things().findOne({ _id: 1 })),
      thrownBy(things().insertMany([{ _id: 1 }])),
    ]);
    for (const error of crowded) {
      expect(failure(error)).toMatchObject({ reason: 'OVERLOADED', retryAfterMs: 250 });
      expect(isRetryable(error)).toBe(false);
    }
    expect(failure(await stuck).message).toContain('did not answer');
  });

  test('a server that is gone: no primary, and the detail names it', async () => {
    const { address } = server;
    await server.stop();
    const error = await thrownBy(
      things()
        .findOne({})
        .then(() => things().findOne({})),
    );
    const again = await thrownBy(things().insertMany([{ _id: 1 }]));
    for (const found of [error, again]) {
      expect(failure(found)).toMatchObject({ reason: 'STORAGE_UNAVAILABLE', retryAfterMs: 1_000 });
      expect(failure(found).message).toBe('No primary of the database can be reached.');
      expect(isRetryable(found)).toBe(false);
      expect(detailOf(found)).toContain(`${address}: `);
    }
  });

  test('a server that is too old is refused by its version', async () => {
    const old = await WireServer.start((command) =>
      'insert' in command ? null : { ...old.greeting(), maxWireVersion: 8 },
    );
    const newcomer = new MongoClient(`mongodb://${old.address}`, { serverSelectionTimeoutMS: 300 });
    const error = await thrownBy(newcomer.connect());
    await newcomer.close();
    await old.stop();
    expect(failure(error).message).toContain('4.4 or newer');
    expect(detailOf(error)).toContain('wire version 8');
  });

  test('a client that is closed', async () => {
    await client.close();
    expect(failure(await thrownBy(things().findOne({}))).message).toBe('The connection to the database is closed.');
  });
});

describe('what fails after the first write of a step', () => {
  test.each([
    ['a full pool or a conflict', coded(112)],
    ['a full disk', coded(14_031)],
  ])('%s is no refusal: something may be stored', async (_, thrown) => {
    const refused = halfWay(() => Promise.reject(failure(thrown)));
    await expect(refused).rejects.toMatchObject({
      reason: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('is not known') as string,
      retryAfterMs: expect.any(Number) as number,
    });
  });

  test('another failure stays what it is, and a result too', async () => {
    const lost = failure(coded(18));
    await expect(halfWay(() => Promise.reject(lost))).rejects.toBe(lost);
    expect(await halfWay(() => Promise.resolve(1))).toBe(1);
  });
});
