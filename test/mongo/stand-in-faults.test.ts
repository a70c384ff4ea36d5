/** The faults that exceptions.yaml speaks of, each on the server alone. Gone, it and its exceptions can go. */
import { MongoClient, type Collection } from 'mongodb';
import { startFerretDb } from '../support/mongo/ferretdb.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startSecantus } from '../support/mongo/secantus.js';

interface Row {
  _id: string;
  uid: string;
  due: number;
  k: number;
}

async function withRows<T>(start: () => Promise<MongoServer>, work: (rows: Collection<Row>) => Promise<T>): Promise<T> {
  const server = await start();
  const client = new MongoClient(server.uri, { maxPoolSize: 1 });
  try {
    return await work(client.db('test').collection<Row>('rows'));
  } finally {
    await client.close();
    await server.stop();
  }
}

const row = (due: number): Row => ({ _id: `m${due}`, uid: 'q', due, k: due });

test('SecantusDB: $lte on a field in the middle of a compound index leaves out the equal ones', async () => {
  await withRows(startSecantus, async (rows) => {
    const query = { uid: 'q', due: { $gt: 0, $lte: 5 } };
    await rows.insertMany([1, 5, 9].map(row));
    expect(await rows.distinct('due', query)).toEqual([1, 5]);
    await rows.createIndex({ uid: 1, due: 1 });
    expect(await rows.distinct('due', query)).toEqual([1, 5]);
    await rows.dropIndexes();
    await rows.createIndex({ uid: 1, due: 1, k: 1 });
    expect(await rows.distinct('due', query)).toEqual([1]);
    expect(await rows.distinct('due', { uid: 'q', due: { $gt: 0, $lt: 6 } })).toEqual([1, 5]);
  });
});

test('FerretDB on PostgreSQL: text with the character U+0000 is refused', async () => {
  const start = () => startFerretDb({ backend: 'postgresql' });
  await withRows(start, async (rows) => {
    await rows.insertOne({ ...row(1), uid: 'q' });
    await expect(rows.insertOne({ ...row(2), uid: 'q\u0000' })).rejects.toThrow();
    expect(await rows.countDocuments()).toBe(1);
  });
});
