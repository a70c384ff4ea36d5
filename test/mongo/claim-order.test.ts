import { Kit } from '../../src/conformance/kit.js';
import { createClient } from '../../src/storage/drivers/mongodb/client.js';
import { collectionsOf } from '../../src/storage/drivers/mongodb/collections.js';
import { MongoMessageStore } from '../../src/storage/drivers/mongodb/message-store.js';
import { openMongo, type MongoStorage } from '../../src/storage/drivers/mongodb/index.js';
import { intercepted } from '../support/mongo/intercepted.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';

const TAKEN = 20;
const POSTED = 200;

let server: MongoServer;
let other: MongoStorage;
let client: ReturnType<typeof createClient>;
const database = freshDatabase();

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  other = await openMongo({ uri: server.uri, database });
  client = createClient({ uri: server.uri, database });
});

afterAll(async () => {
  await Promise.all([client.close(), other.close()]);
  await server.stop();
});

it('who loses all messages to another core takes the next ones, and passes over none', async () => {
  const kit = new Kit(other, false);
  const queue = await kit.queue();
  const ids = await queue.post(POSTED);
  let taken = false;
  const store = new MongoMessageStore(
    intercepted(collectionsOf(client.db(database)), 'messages', 'bulk', async (run) => {
      if (!taken) await queue.claim({ limit: TAKEN });
      taken = true;
      return run();
    }),
  );
  const op = queue.claimOp({ limit: TAKEN });
  const [outcome] = await store.apply({ ops: [op], now: kit.now });
  const claim = outcome !== undefined && 'claim' in outcome ? outcome.claim.messages : [];
  expect(claim.map(({ id }) => id)).toEqual(ids.slice(TAKEN, 2 * TAKEN));
});
