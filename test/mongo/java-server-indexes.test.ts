import { MongoClient, type Collection, type Document, type Filter } from 'mongodb';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { Random } from '../support/random.js';

const DOCUMENTS = 200;
const QUERIES = 400;

interface Row {
  _id: number;
  u: string;
  k: number | string;
  d?: number | null;
  tags?: number[];
}

/** The stand-in finds by indexes of ours: what it finds must be what it finds by looking at each document. */
describe('mongo-java-server with indexes', () => {
  let server: MongoServer;
  let client: MongoClient;
  let indexed: Collection<Row>;
  let plain: Collection<Row>;

  beforeAll(async () => {
    server = await startMongoJavaServer({ backend: 'memory' });
    client = new MongoClient(server.uri);
    indexed = client.db('test').collection<Row>('indexed');
    plain = client.db('test').collection<Row>('plain');
    await indexed.createIndexes([
      { key: { u: 1, k: 1 }, unique: true },
      { key: { u: 1, d: 1, k: 1 } },
      { key: { d: 1 } },
      { key: { u: 1, tags: 1 } },
    ]);
  });

  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  it('finds, changes and deletes the same documents', async () => {
    const random = new Random(7);
    const rows = Array.from({ length: DOCUMENTS }, (_, _id) => row(_id, random));
    for (const collection of [indexed, plain]) await collection.insertMany(rows);
    let deletions = 0;
    for (let at = 0; at < QUERIES; at++) {
      const filter = query(random);
      const sort: Document = random.pick([{ k: 1, _id: 1 }, { d: 1, k: 1, _id: 1 }, { _id: -1 }]);
      const limit = random.pick([1, 5, 1000]);
      const find = (rows: Collection<Row>) => rows.find(filter, { sort, limit }).toArray();
      expect([filter, await find(indexed)]).toEqual([filter, await find(plain)]);
      const change = { $set: random.pick<Document>([{ d: random.pick(NUMBERS) }, { tags: [1, 2] }, { d: null }]) };
      if (at % 4 === 0)
        expect(await indexed.updateMany(filter, change)).toEqual(await plain.updateMany(filter, change));
      const one = { ...filter, _id: random.between(0, DOCUMENTS - 1) };
      const deleted = await indexed.deleteOne(one);
      expect(deleted).toEqual(await plain.deleteOne(one));
      deletions += deleted.deletedCount;
    }
    expect(deletions).toBeGreaterThan(10);
    expect(await indexed.countDocuments()).toBeGreaterThan(DOCUMENTS / 2);
  });

  it('refuses a second document with a key that must be alone', async () => {
    await indexed.insertOne({ _id: -1, u: 'x', k: 5 });
    await indexed.insertOne({ _id: -2, u: 'x', k: '5' });
    await expect(indexed.insertOne({ _id: -3, u: 'x', k: 5 })).rejects.toMatchObject({ code: 11000 });
    await expect(indexed.updateOne({ _id: -2 }, { $set: { k: 5 } })).rejects.toMatchObject({ code: 11000 });
    await indexed.deleteOne({ _id: -1 });
    await indexed.updateOne({ _id: -2 }, { $set: { k: 5 } });
  });
});

const NUMBERS = [0, 1, 2, 3, 5, 8, 13, 21];
const USERS = ['a', 'b', 'c'];

function row(_id: number, random: Random): Row {
  const d = random.pick<Partial<Row>>([{ d: random.pick(NUMBERS) }, { d: random.pick(NUMBERS) }, { d: null }, {}]);
  return { _id, u: random.pick(USERS), k: random.pick([_id, `${_id}`]), ...d };
}

function query(random: Random): Filter<Row> {
  const u = random.pick<Document>([
    { u: random.pick(USERS) },
    { u: { $in: [random.pick(USERS), 'b'] } },
    { u: { $gt: 'a' } },
    {},
  ]);
  const k = random.pick<Document>([
    { k: { $gt: random.pick(NUMBERS) } },
    { k: { $gte: 10, $lt: 90 } },
    { k: { $lte: '5' } },
    { k: { $in: [5, '7', 8] } },
    {},
  ]);
  const d = random.pick<Document>([
    { d: random.pick(NUMBERS) },
    { d: { $in: [random.pick(NUMBERS), null, 3] } },
    { d: { $gte: 2, $ne: 5 } },
    { d: null },
    { d: { $exists: true } },
    {},
  ]);
  return { ...u, ...k, ...d };
}
