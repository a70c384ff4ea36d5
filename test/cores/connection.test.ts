import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { openMongo, type MongoStorage, type MongoTuning } from '../../src/storage/drivers/mongodb/index.js';
import { INDEXES } from '../../src/storage/drivers/mongodb/indexes.js';
import type { QueueRef } from '../../src/storage/ports/index.js';
import { waitFor } from '../support/wait.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';

const dir = makeTempDir('mongo-connection');
const opened: MongoStorage[] = [];
let server: MongoServer;
let databases = 0;

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'h2', dir });
});

afterEach(() => Promise.all(opened.splice(0).map((storage) => storage.close())));

afterAll(async () => {
  await server.stop();
  removeTempDir(dir);
});

const freshDatabase = (): string => `connection${++databases}`;
const ref = (): QueueRef => ({ uid: randomBytes(16).toString('hex'), pool: 'default' });

/** A core's storage; its commands by name. */
async function core(
  database: string,
  tuning: Partial<MongoTuning> = {},
): Promise<{ storage: MongoStorage; sent: string[] }> {
  const sent: string[] = [];
  const commands = { started: ({ commandName }: { commandName: string }) => void sent.push(commandName) };
  const storage = await openMongo({ uri: server.uri, database, commands, ...tuning });
  opened.push(storage);
  return { storage, sent };
}

const cores = async (count: number, database = freshDatabase()): Promise<MongoStorage[]> =>
  (await Promise.all(Array.from({ length: count }, () => core(database)))).map(({ storage }) => storage);

async function took<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const started = performance.now();
  const result = await work();
  return { ms: performance.now() - started, result };
}

describe('opening', () => {
  test('makes every index in a new database, and none in one that has them', async () => {
    const database = freshDatabase();
    const first = await core(database);
    expect(first.sent.filter((name) => name === 'createIndexes')).toHaveLength(INDEXES.length);
    const again = await core(database);
    expect(again.sent).not.toContain('createIndexes');
    expect(again.sent).not.toContain('insert');
    const client = await MongoClient.connect(server.uri);
    try {
      for (const { collection, name, key, unique } of INDEXES) {
        const found = (await client.db(database).collection(collection).indexes()).find((index) => index.name === name);
        expect({ key: found?.key, unique: found?.unique ?? false }).toEqual({ key, unique: unique ?? false });
      }
    } finally {
      await client.close();
    }
  });

  test('of one new database by many cores at once succeeds for all', async () => {
    for (const storage of await cores(6)) expect(await storage.health()).toEqual({ state: 'ok', detail: '' });
  });

  test('tells what the storage is, and lets every connection go in the end', async () => {
    const { storage } = await core(freshDatabase());
    expect(storage).toMatchObject({ driver: 'mongodb', durability: 'majority' });
    expect(storage.capabilities).toEqual({ commitScope: 'queue', persistent: true, shared: true });
    await Promise.all(Array.from({ length: 10 }, () => storage.control.findQueue(null, 'q')));
    expect(storage.pool).toMatchObject({ inUse: 0, waiting: 0 });
    expect(storage.pool.open).toBeGreaterThan(0);
    await storage.close();
    expect(storage.pool).toEqual({ open: 0, inUse: 0, waiting: 0 });
  });
});

describe('queues through several cores', () => {
  test('one of many creators at once wins, and all see its queue', async () => {
    const storages = await cores(3);
    for (let round = 0; round < 10; round++) {
      const made = await Promise.all(
        Array.from({ length: 12 }, (_, i) => storages[i % 3]!.control.createQueue('p', `q${round}`, ref(), 1_000)),
      );
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(made.map(({ queue }) => queue.ref.uid)).size).toBe(1);
    }
  });

  test('one of many deleters at once takes the name away', async () => {
    const storages = await cores(3);
    for (let round = 0; round < 10; round++) {
      const { queue } = await storages[0]!.control.createQueue(null, 'q', ref(), 1_000);
      const taken = await Promise.all(
        Array.from({ length: 9 }, (_, i) => storages[i % 3]!.control.deleteQueue(null, 'q', queue.ref.uid)),
      );
      expect(taken.filter((ours) => ours)).toHaveLength(1);
    }
  });

  test('what one core creates, changes or deletes, the others see from the answer on', async () => {
    const [one, other] = (await cores(2)) as [MongoStorage, MongoStorage];
    for (let round = 0; round < 20; round++) {
      const { queue } = await one.control.createQueue('p', 'q', ref(), 1_000 + round);
      expect(await other.control.findQueue('p', 'q')).toEqual(queue);
      const metadata = Buffer.from(JSON.stringify({ round }));
      expect(await other.control.setMetadata('p', 'q', metadata)).toBe(true);
      expect(Buffer.from((await one.control.findQueue('p', 'q'))!.metadata)).toEqual(metadata);
      expect(await one.control.deleteQueue('p', 'q', queue.ref.uid)).toBe(true);
      expect(await other.control.findQueue('p', 'q')).toBeNull();
    }
  });
});

describe('the clock', () => {
  test('of several cores is one, and the time of the server', async () => {
    const storages = await cores(3);
    const before = Date.now();
    const times = storages.map(({ clock }) => clock.now());
    for (const time of times) {
      // The server runs on this machine: each core may be wrong by half of what its clocks may be apart.
      expect(Math.abs(time - before)).toBeLessThanOrEqual(storages[0]!.clock.skew / 2);
    }
    for (const { clock } of storages)
      expect({ skew: clock.skew, bounded: clock.bounded }).toEqual({ skew: 1_000, bounded: true });
  });

  test('is not moved by the wall clock of the core', async () => {
    const real = Date.now;
    const shifted = jest.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000);
    try {
      const { storage } = await core(freshDatabase());
      expect(Math.abs(storage.clock.now() - real())).toBeLessThanOrEqual(500);
    } finally {
      shifted.mockRestore();
    }
  });
});

describe('a database that is away', () => {
  test('killed: errors are clear and come in time, and service is back within 5 s of it', async () => {
    const impatient = { serverSelectionTimeoutMs: 2_000 };
    const { storage } = await core(freshDatabase(), impatient);
    const { queue } = await storage.control.createQueue(null, 'kept', ref(), 1_000);
    await server.kill();
    const health = await took(() => storage.health());
    // On a connection that is just breaking it is the socket that tells; from then on nobody listens.
    expect(health.result).toMatchObject({ state: 'unavailable', detail: expect.not.stringContaining('internal') });
    await waitFor('word that nobody listens', async () => (await storage.health()).detail.includes('ECONNREFUSED'));
    expect(health.ms).toBeLessThan(6_000);
    const failed = await took(() => storage.control.findQueue(null, 'kept').catch((error: unknown) => error));
    expect(failed.result).toMatchObject({
      reason: 'STORAGE_UNAVAILABLE',
      message: 'No primary of the database can be reached.',
      retryAfterMs: 1_000,
    });
    expect(failed.ms).toBeLessThan(8_000);
    const opening = await openMongo({ uri: server.uri, database: 'x', ...impatient }).catch(
      (error: Error) => error.message,
    );
    expect(opening).toContain('No primary of the database can be reached: 127.0.0.1:');
    await server.restart();
    const back = await took(() => storage.control.findQueue(null, 'kept'));
    expect(back.result).toEqual(queue);
    expect(back.ms).toBeLessThan(5_000);
    expect(await storage.health()).toEqual({ state: 'ok', detail: '' });
  });

  test('paused for 5 s: what was asked meanwhile is answered, and service is back at once', async () => {
    const { storage } = await core(freshDatabase());
    await server.pause();
    const asked = Array.from({ length: 20 }, (_, i) => storage.control.createQueue(null, `q${i}`, ref(), 1_000));
    const answered = Promise.allSettled(asked);
    await sleep(5_000);
    server.resume();
    const back = await took(() => storage.control.createQueue(null, 'after', ref(), 1_000));
    expect(back.ms).toBeLessThan(5_000);
    for (const answer of await answered) {
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ reason: expect.stringMatching(/^(STORAGE_UNAVAILABLE|OVERLOADED)$/) });
      else expect(answer.value.created).toBe(true);
    }
  });
});
