import { MongoClient, type Collection } from 'mongodb';
import { freshRef } from '../../src/conformance/fresh.js';
import { Kit } from '../../src/conformance/kit.js';
import { PLENTY, START, type QueueKit } from '../../src/conformance/queue-kit.js';
import type { MarconiError } from '../../src/errors/marconi-error.js';
import { createClient } from '../../src/storage/drivers/mongodb/client.js';
import { collectionsOf, type Collections } from '../../src/storage/drivers/mongodb/collections.js';
import { MongoControlStore } from '../../src/storage/drivers/mongodb/control-store.js';
import { MongoMessageStore } from '../../src/storage/drivers/mongodb/message-store.js';
import type { DocCollection } from '../../src/storage/drivers/mongodb/collection.js';
import type { HeadDoc, KeyDoc } from '../../src/storage/drivers/mongodb/documents.js';
import type { MessageOp, MessageOutcome } from '../../src/storage/ports/index.js';
import { CommandMonitor, type Recording } from '../support/mongo/command-monitor.js';
import { before, crash, intercepted } from '../support/mongo/intercepted.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { openWatched, type Watched } from '../support/mongo/watched-storage.js';

/** Times that anything is begun at the most. */
const TRIES = 5;

/** Times that a page is read again at the most. */
const RETRIES = 5;

/** Commands that may be in flight side by side before one has to wait for a connection to be made. */
const CONNECTIONS = 4;

let server: MongoServer;
/** Another core, that is always first. */
let other: Watched;
let raw: MongoClient;
let client: MongoClient;
let monitor: CommandMonitor;
let collections: Collections;
let kit: Kit;
let queue: QueueKit;

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  other = await openWatched(server.uri);
  raw = new MongoClient(server.uri);
  monitor = new CommandMonitor();
  client = createClient({ uri: server.uri, database: other.database, commands: monitor.listener });
  collections = collectionsOf(client.db(other.database));
  await Promise.all(Array.from({ length: CONNECTIONS }, () => collections.heads.findOne({ _id: 'none' })));
});

afterAll(async () => {
  await Promise.all([raw.close(), client.close(), other.storage.close()]);
  await server.stop();
});

beforeEach(async () => {
  kit = new Kit(other.storage, false);
  queue = await kit.queue();
});

type Answer = MessageOutcome | { readonly reason: string };

/** A step of a core in whose way something happens before each command of a kind; what it came to and what it sent. */
async function contended(
  op: MessageOp,
  [name, method]: readonly [keyof Collections, keyof DocCollection<unknown>],
  happens: () => Promise<unknown>,
): Promise<Recording<Answer>> {
  const store = new MongoMessageStore(intercepted(collections, name, method, before(happens)));
  return monitor.during(() =>
    store.apply({ ops: [op], now: kit.now }).then(
      ([outcome]) => outcome as Answer,
      ({ reason }: MarconiError) => ({ reason }),
    ),
  );
}

const sent = ({ commands }: Recording<unknown>, name: string, collection: string): number =>
  commands.filter((command) => command.name === name && command.collection === collection).length;

describe('an operation that loses to others each time gives up', () => {
  it('a claim, after five rounds', async () => {
    await queue.post(1);
    const recording = await contended(queue.claimOp(), ['messages', 'bulk'], async () => {
      await queue.release((await queue.claim()).id);
    });
    expect(recording.result).toEqual({ kind: 'none', nextAt: Math.floor(kit.now / 1_000) });
    expect(sent(recording, 'update', 'messages')).toBe(TRIES);
    expect(recording.roundTrips).toBeLessThanOrEqual(TRIES * 3 + 1);
  });

  it('a deletion, after five tries', async () => {
    const id = await queue.postOne();
    const op: MessageOp = { kind: 'deleteIfAllowed', queue: queue.ref, id, claim: null };
    const recording = await contended(op, ['messages', 'bulk'], async () => {
      await queue.release((await queue.claim()).id);
    });
    expect(recording.result).toEqual({ reason: 'STORAGE_UNAVAILABLE' });
    expect(sent(recording, 'delete', 'messages')).toBe(TRIES);
    expect(recording.roundTrips).toBe(TRIES * 2);
  });

  it('a post to a log that is full again each time, after five pushes', async () => {
    const heads: Collection<HeadDoc> = raw.db(other.database).collection('heads');
    const log = Array.from({ length: 64 }, (_, index) => ({ p: `other-${index}`, t: 0, g: [] }));
    const recording = await contended(queue.postOp(1), ['heads', 'findOneAndUpdate'], () =>
      heads.updateOne({ _id: queue.ref.uid }, { $set: { log } }),
    );
    expect(recording.result).toEqual({ reason: 'OVERLOADED' });
    expect(sent(recording, 'findAndModify', 'heads')).toBe(TRIES);
    expect(recording.roundTrips).toBeLessThanOrEqual(1 + TRIES * 3);
  });

  it('a post whose producer key goes to another one each time, after five tries', async () => {
    const posts: Collection<KeyDoc> = raw.db(other.database).collection('posts');
    const op = queue.postOp(1, { key: { producer: 'p', sequence: '1', fingerprint: 'f', window: 100 } });
    await queue.post(1, { key: op.key });
    let takers = 0;
    const takeOver = () =>
      posts.updateOne({ uid: queue.ref.uid }, { $set: { b: `other-${takers++}`, first: null, at: new Date(0) } });
    await takeOver();
    const recording = await contended(op, ['posts', 'updateOne'], takeOver);
    expect(recording.result).toEqual({ kind: 'keyBusy' });
    expect(sent(recording, 'update', 'posts')).toBe(TRIES);
    expect(recording.roundTrips).toBeLessThanOrEqual(1 + TRIES * 3);
  });

  it('the creation of a queue that others create and delete all the time, after five tries', async () => {
    const { control } = other.storage;
    const ref = freshRef();
    const create = () => control.createQueue(null, 'contended', ref, kit.now);
    const taken = intercepted(collections, 'queues', 'insertAll', before(create));
    const given = intercepted(
      taken,
      'queues',
      'findOne',
      before(() => control.deleteQueue(null, 'contended', ref.uid)),
    );
    const store = new MongoControlStore(given.queues);
    const recording = await monitor.during(() =>
      store.createQueue(null, 'contended', freshRef(), kit.now).catch(({ reason }: MarconiError) => reason),
    );
    expect(recording.result).toBe('OVERLOADED');
    expect(sent(recording, 'insert', 'queues')).toBe(TRIES);
    expect(recording.roundTrips).toBe(TRIES * 2);
  });

  it('a list that meets another post on its way each time, after six readings', async () => {
    const own = collectionsOf(raw.db(other.database));
    const crashing = new MongoMessageStore(intercepted(own, 'messages', 'bulk', crash));
    let marker = 0;
    const postHalf = async (): Promise<void> => {
      const op = queue.postOp(2);
      await crashing.apply({ ops: [op], now: kit.now }).catch(() => undefined);
      await own.messages.updateOne({ _id: `m${op.batch}-0` }, { $set: { k: marker + 1, due: 0 } });
      marker += 2;
    };
    const store = new MongoMessageStore(intercepted(collections, 'messages', 'find', before(postHalf)));
    const range = { position: START, limit: 100, maxBytes: PLENTY, without: null, includeClaimed: true };
    const recording = await monitor.during(() =>
      store.list({ queue: queue.ref, now: kit.now, ...range }).catch(({ reason }: MarconiError) => reason),
    );
    expect(recording.result).toBe('OVERLOADED');
    expect(sent(recording, 'find', 'messages')).toBe(1 + RETRIES);
    expect(sent(recording, 'update', 'messages')).toBe(1 + RETRIES);
  });
});
