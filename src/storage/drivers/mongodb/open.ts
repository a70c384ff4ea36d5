import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, MongoClient } from 'mongodb';
import type { Millis } from '../../../domain/time.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import { createClient } from './client.js';
import { MongoClock, sight, type Sighting } from './clock.js';
import { ClockKeeper, firstSighting } from './clock-keeper.js';
import { collectionsOf, type Collections } from './collections.js';
import { MongoControlStore } from './control-store.js';
import type { HeadDoc } from './documents.js';
import { ensureIndexes } from './ensure-indexes.js';
import { MongoMessageStore } from './message-store.js';
import { unopenable } from './opening-error.js';
import { longestCommand } from './in-time.js';
import { longestSilence, MonitorWatch } from './monitor-watch.js';
import { DEFAULT_TUNING, type MongoOptions } from './options.js';
import { Applier } from './order/apply.js';
import { countConnections } from './pool-figures.js';
import { agreeOnSchema, SCHEMA } from './schema.js';
import { ChangeFeed } from './signals/change-feed.js';
import { HeadPoll } from './signals/head-poll.js';
import { Interests } from './signals/interests.js';
import { MongoSignals } from './signals/signals.js';
import { MongoStorage } from './storage.js';
import { CONTROL_CALLS, MESSAGE_CALLS, traced } from './tracing.js';
import { MongoTransfer } from './transfer.js';
import { UnderWay } from './under-way.js';
import { refuseUriOptions } from './uri.js';

/**
 * Opens a storage in a MongoDB database, which is made when it is not there. Rejects with STORAGE_UNAVAILABLE and a
 * text that says what to do when the URI would weaken the promises, no primary answers, the credentials are refused,
 * the server is too old, or the database belongs to a newer Marconi.
 */
export async function openMongo(options: MongoOptions): Promise<MongoStorage> {
  refuseUriOptions(options.uri);
  let client: MongoClient | undefined;
  try {
    client = createClient(options);
    return await openWith(client, options);
  } catch (error) {
    await client?.close();
    throw unopenable(error);
  }
}

async function openWith(client: MongoClient, options: MongoOptions): Promise<MongoStorage> {
  const { database, observer } = options;
  const tuning = { ...DEFAULT_TUNING, ...options };
  const limitMs = longestCommand(tuning);
  const pool = countConnections(client);
  await client.connect();
  const db = client.db(database);
  const collections = collectionsOf(db, limitMs);
  await agreeOnSchema(collections.meta);
  await ensureIndexes(db);
  const { clock, keeper } = await keptClock(client);
  const messages = new MongoMessageStore(collections, { mayTake: clock.mayTake, observer });
  const signals = signalsOf(db, collections, limitMs);
  const monitors = new MonitorWatch(client, longestSilence(tuning), { monotonic, after });
  const underWay = new UnderWay();
  const transfer = new MongoTransfer(collections, new Applier(collections), () => clock.now());
  return new MongoStorage({
    clock,
    control: underWay.over(traced(new MongoControlStore(collections.queues), CONTROL_CALLS)),
    messages: underWay.over(traced(messages, MESSAGE_CALLS)),
    signals,
    transfer: underWay.over(transfer),
    pool,
    ask: () => collections.meta.findOne({ _id: SCHEMA }),
    end: async () => {
      keeper.stop();
      await Promise.all([signals.close(), underWay.ended()]);
      await messages.settled();
      await monitors.stop();
      await client.close();
    },
  });
}

/** The clock of the database, looked at again whenever its servers come, go or change their parts. */
async function keptClock(client: MongoClient): Promise<{ clock: MongoClock; keeper: ClockKeeper }> {
  const look = lookAt(client);
  const clock = new MongoClock(await firstSighting(look), monotonic);
  const keeper = new ClockKeeper(clock, { look, after });
  keeper.start();
  client.on('topologyDescriptionChanged', () => keeper.hurry());
  return { clock, keeper };
}

function signalsOf(db: Db, { heads }: Collections, limitMs: number): MongoSignals {
  const interests = new Interests();
  const feed = new ChangeFeed(db.collection<HeadDoc>('heads'), interests, limitMs);
  return new MongoSignals({ interests, poll: new HeadPoll(heads, interests), feed, sleep, monotonic });
}

const monotonic = (): number => performance.now();

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Looks at the time of the primary, or of the mongos that is asked. */
function lookAt(client: MongoClient): () => Promise<Sighting> {
  const ask = async (): Promise<Millis> => {
    const { localTime } = await client.db('admin').command({ hello: 1 });
    if (localTime instanceof Date) return localTime.getTime();
    throw new MarconiError('STORAGE_UNAVAILABLE', 'The database does not tell its time.');
  };
  return () => sight(ask, monotonic);
}
