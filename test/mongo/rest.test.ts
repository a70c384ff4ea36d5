/** Every case of the REST suite, and the Python client of its time, once more: on MongoDB. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { openMongo } from '../../src/storage/drivers/mongodb/index.js';
import { storeByDefaultIn } from '../support/default-storage.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';

const suites = join(__dirname, '../e2e');
const files = [
  ...readdirSync(join(suites, 'rest')).map((name) => join('rest', name)),
  join('python', 'client.test.ts'),
].filter((name) => name.endsWith('.test.ts'));

let server: MongoServer;
const given: string[] = [];

/** The name of a database for one of them. */
function give(): string {
  const name = freshDatabase();
  given.push(name);
  return name;
}

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  storeByDefaultIn({
    uri: () => `${server.uri}${give()}`,
    open: () => openMongo({ uri: server.uri, database: give() }),
  });
});

afterAll(() => server.stop());

describe.each(files)('%s', (file) => {
  jest.requireActual(join(suites, file));
});

test('each of them stored on this server', async () => {
  const client = await MongoClient.connect(server.uri);
  try {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    const names = databases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(given));
    expect(given.length).toBeGreaterThanOrEqual(files.length);
  } finally {
    await client.close();
  }
});
