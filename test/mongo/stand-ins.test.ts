import { MongoClient } from 'mongodb';
import { isAlive } from '../support/server.js';
import { startFerretDb } from '../support/mongo/ferretdb.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startSecantus } from '../support/mongo/secantus.js';

interface StandIn {
  readonly name: string;
  readonly start: () => Promise<MongoServer>;
  /** False where a restart begins with nothing. */
  readonly keeps: boolean;
}

const standIns: StandIn[] = [
  { name: 'mongo-java-server (memory)', start: () => startMongoJavaServer({ backend: 'memory' }), keeps: false },
  { name: 'mongo-java-server (h2)', start: () => startMongoJavaServer({ backend: 'h2' }), keeps: true },
  { name: 'FerretDB (sqlite)', start: () => startFerretDb({ backend: 'sqlite' }), keeps: true },
  { name: 'FerretDB (postgresql)', start: () => startFerretDb({ backend: 'postgresql' }), keeps: true },
  { name: 'SecantusDB', start: () => startSecantus(), keeps: true },
];

/** Milliseconds in which a server of one document answers, and one that is paused does not. */
const SILENCE_MS = 500;

describe.each(standIns)('$name', ({ name, start, keeps }) => {
  let server: MongoServer;

  beforeAll(async () => {
    server = await start();
  });

  afterAll(() => server.stop());

  it('is a server that a client of today talks to, and tells its time', async () => {
    const hello = await withClient(server, (client) => client.db('admin').command({ hello: 1 }));
    expect(server.name).toBe(name);
    expect(hello.maxWireVersion).toBeGreaterThanOrEqual(9);
    expect(Math.abs((hello.localTime as Date).getTime() - Date.now())).toBeLessThan(5_000);
  });

  it('refuses what its unique index forbids', async () => {
    await withClient(server, async (client) => {
      const rows = client.db('test').collection('unique');
      await rows.createIndex({ uid: 1, k: 1 }, { unique: true });
      await rows.insertMany([
        { uid: 'q', k: 1 },
        { uid: 'q', k: '1' },
        { uid: 'r', k: 1 },
      ]);
      await expect(rows.insertOne({ uid: 'q', k: 1 })).rejects.toMatchObject({ code: 11000 });
    });
  });

  it('is silent while it is paused, and goes on after', async () => {
    await withClient(server, async (client) => {
      const rows = client.db('test').collection<{ _id: number }>('paused');
      await rows.insertOne({ _id: 1 });
      await server.pause();
      const found = rows.findOne({ _id: 1 });
      const silence = new Promise((resolve) => setTimeout(resolve, SILENCE_MS, 'silence'));
      expect(await Promise.race([found, silence])).toBe('silence');
      server.resume();
      expect(await found).toEqual({ _id: 1 });
    });
  });

  it('comes back on the same port after a kill', async () => {
    await withClient(server, (client) => client.db('test').collection<{ _id: number }>('kept').insertOne({ _id: 1 }));
    const before = server.pid;
    await server.kill();
    expect(isAlive(before)).toBe(false);
    await server.restart();
    const kept = await withClient(server, (client) => client.db('test').collection('kept').countDocuments());
    expect(kept).toBe(keeps ? 1 : 0);
  });
});

async function withClient<T>(server: MongoServer, work: (client: MongoClient) => Promise<T>): Promise<T> {
  // Without the journal SecantusDB loses what it acknowledged, as MongoDB may.
  const writeConcern = { w: 'majority', journal: true } as const;
  const client = new MongoClient(server.uri, { maxPoolSize: 1, serverSelectionTimeoutMS: 5_000, writeConcern });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
