import { Long, MongoClient, type Collection } from 'mongodb';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer, type JavaBackend } from '../support/mongo/mongo-java-server.js';

const CLIENTS = 16;
const EACH = 200;

/** Each push adds to `next` what it adds to the log, and each pull to `pulled` what it takes away. */
interface Head {
  _id: string;
  next: number;
  pulled: number;
  log: { p: string; n: number }[];
}

const backends: JavaBackend[] = ['memory', 'h2'];

describe.each(backends)('mongo-java-server, %s backend', (backend) => {
  let server: MongoServer;
  let client: MongoClient;

  beforeAll(async () => {
    server = await startMongoJavaServer({ backend });
    client = new MongoClient(server.uri, { maxPoolSize: CLIENTS });
  });

  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  it('answers an update with the document as it was then, and each with another value', async () => {
    const heads = client.db('test').collection<Head>('heads');
    await heads.insertOne({ _id: 'q', next: 0, pulled: 0, log: [] });

    const posters = Array.from({ length: CLIENTS }, (_, at) => post(heads, `poster-${at}`, at + 1));
    const seen = (await Promise.all(posters)).flat();

    const sums = seen.map(({ pulled, log }) => log.reduce((sum, { n }) => sum + n, pulled));
    expect(sums).toEqual(seen.map(({ next }) => next));
    expect(new Set(sums).size).toBe(CLIENTS * EACH);
  });
});

/** Pushes an entry of size `n` and pulls the one before, again and again; answers the heads that the pushes gave. */
async function post(heads: Collection<Head>, name: string, n: number): Promise<Head[]> {
  const seen: Head[] = [];
  for (let at = 0; at < EACH; at++) {
    const p = `${name}-${at}`;
    const head = await heads.findOneAndUpdate(
      { _id: 'q', 'log.p': { $nin: [p] } },
      { $inc: { next: Long.fromNumber(n) }, $push: { log: { $each: [{ p, n }] } } },
      { returnDocument: 'after' },
    );
    expect(head?.log.at(-1)?.p).toBe(p);
    if (head !== null) seen.push(head);
    await heads.updateOne({ _id: 'q' }, { $pull: { log: { p: { $in: [p] } } }, $inc: { pulled: n } });
  }
  return seen;
}
