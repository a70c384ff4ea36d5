import { MongoClient, type Collection } from 'mongodb';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';

const KILLS = 4;
const WRITERS = 8;
/** So many rows acknowledged, and the server is killed while others are under way. */
const ROWS_A_LIFE = 100;

interface Row {
  _id: string;
  n: number;
}

describe('mongo-java-server on a file', () => {
  let server: MongoServer;

  beforeAll(async () => {
    server = await startMongoJavaServer({ backend: 'h2' });
  });

  afterAll(() => server.stop());

  it('has all that it acknowledged after each of several kills', async () => {
    for (let life = 0; life < KILLS; life++) {
      const sums = new Map<number, number>();
      const rows = await writeUntilKilled(server, life, sums);
      await server.restart();

      const found = await read(server.uri);
      expect(rows.filter((row) => !found.has(row))).toEqual([]);
      expect(rows.length).toBeGreaterThanOrEqual(ROWS_A_LIFE);
      // The last write of each writer may be there though its reply was lost.
      for (const [writer, n] of sums) expect([n, n + 1]).toContain(found.get(`sum-${writer}`));
    }
  });
});

/** Writes, and kills the server in the middle of it; answers the rows acknowledged, and notes each writer's sum. */
async function writeUntilKilled(server: MongoServer, life: number, sums: Map<number, number>): Promise<string[]> {
  const client = new MongoClient(server.uri, { serverSelectionTimeoutMS: 300, socketTimeoutMS: 5_000 });
  const rows = client.db('test').collection<Row>('rows');
  const acknowledged: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; n < 10 * ROWS_A_LIFE; n++) {
      const { insertedId } = await rows.insertOne({ _id: `${life}-${writer}-${n}`, n });
      acknowledged.push(insertedId);
      if (acknowledged.length === ROWS_A_LIFE) void server.kill();
      sums.set(writer, await addOne(rows, `sum-${writer}`));
    }
  };
  await Promise.allSettled(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  await client.close();
  return acknowledged;
}

async function addOne(rows: Collection<Row>, _id: string): Promise<number> {
  const row = await rows.findOneAndUpdate({ _id }, { $inc: { n: 1 } }, { upsert: true, returnDocument: 'after' });
  return row?.n ?? NaN;
}

async function read(uri: string): Promise<Map<string, number>> {
  const client = new MongoClient(uri);
  try {
    const rows = await client.db('test').collection<Row>('rows').find().toArray();
    return new Map(rows.map(({ _id, n }) => [_id, n]));
  } finally {
    await client.close();
  }
}
