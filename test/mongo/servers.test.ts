import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { openMongo } from '../../src/storage/drivers/mongodb/index.js';
import { INDEXES } from '../../src/storage/drivers/mongodb/indexes.js';
import { startFerretDb } from '../support/mongo/ferretdb.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startSecantus } from '../support/mongo/secantus.js';

const ref = () => ({ uid: randomBytes(16).toString('hex'), pool: 'default' });

/** FerretDB has neither TTL nor partial indexes; there each is made without. */
const SERVERS = [
  ['mongo-java-server', () => startMongoJavaServer({ backend: 'memory' }), true],
  ['SecantusDB', () => startSecantus(), true],
  ['FerretDB on SQLite', () => startFerretDb({ backend: 'sqlite' }), false],
  ['FerretDB on PostgreSQL', () => startFerretDb({ backend: 'postgresql' }), false],
] as const;

describe.each(SERVERS)('on %s', (_, start, special) => {
  let server: MongoServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());
  const open = (database: string) => openMongo({ uri: server.uri, database });

  test('a storage opens, is well, knows the time, and opens again on what it made', async () => {
    for (let life = 0; life < 2; life++) {
      const storage = await open('lives');
      expect(await storage.health()).toEqual({ state: 'ok', detail: '' });
      expect(Math.abs(storage.clock.now() - Date.now())).toBeLessThanOrEqual(500);
      await storage.close();
    }
  });

  test('every index is there, with TTL and filter where the server has them', async () => {
    await (await open('indexed')).close();
    const client = await MongoClient.connect(server.uri);
    try {
      for (const { collection, name, key, unique = false, ttl = false, partial } of INDEXES) {
        const found = (await client.db('indexed').collection(collection).indexes()).find(
          (index) => index.name === name,
        );
        expect({ name, key: found?.key, unique: found?.unique ?? false }).toEqual({ name, key, unique });
        expect(found?.expireAfterSeconds).toBe(special && ttl ? 0 : undefined);
        expect(found?.partialFilterExpression).toEqual(special ? partial : undefined);
      }
    } finally {
      await client.close();
    }
  });

  test('a queue is created, found, listed, changed and deleted', async () => {
    const { control, close } = await opened('queues');
    const { queue } = await control.createQueue('p', 'q', ref(), 1_000);
    expect(await control.createQueue('p', 'q', ref(), 2_000)).toEqual({ created: false, queue });
    await control.createQueue('p', 'B', ref(), 1_000);
    await control.createQueue(null, 'q', ref(), 1_000);
    expect((await control.listQueues({ project: 'p', after: '', limit: 9 })).map(({ name }) => name)).toEqual([
      'B',
      'q',
    ]);
    expect(await control.setMetadata('p', 'q', Buffer.from('{"a":1}'))).toBe(true);
    expect(Buffer.from((await control.findQueue('p', 'q'))!.metadata).toString()).toBe('{"a":1}');
    expect([...(await control.namedUids([queue.ref.uid, ref().uid]))]).toEqual([queue.ref.uid]);
    expect(await control.deleteQueue('p', 'q', queue.ref.uid)).toBe(true);
    expect(await control.deleteQueue('p', 'q', queue.ref.uid)).toBe(false);
    expect(await control.findQueue('p', 'q')).toBeNull();
    expect(await control.findQueue(null, 'q')).not.toBeNull();
    await close();
  });

  async function opened(database: string) {
    const storage = await open(database);
    return { control: storage.control, close: () => storage.close() };
  }
});
