import { MongoClient, type MongoClientOptions } from 'mongodb';
import { DEFAULT_TUNING, type CommandListener, type MongoOptions, type MongoTuning } from './options.js';

/** How Marconi is called in the database's logs and lists of clients, unless the URI says otherwise. */
const APP_NAME = 'marconi';

/** What every command is sent with, set in one place for all of them: acknowledged means majority and journal (P1). */
function promises(timeoutMs: number): MongoClientOptions {
  return {
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    // The server gives up first, so that its answer is heard before the connection counts as broken.
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: Math.ceil(timeoutMs / 2) },
    retryWrites: true,
    retryReads: true,
  };
}

/** All that is waited for is waited for in bounded time; `timeoutMS` has no effect in the driver. */
function bounds(tuning: MongoTuning): MongoClientOptions {
  return {
    maxPoolSize: tuning.maxPoolSize,
    waitQueueTimeoutMS: tuning.waitQueueTimeoutMs,
    connectTimeoutMS: tuning.connectTimeoutMs,
    serverSelectionTimeoutMS: tuning.serverSelectionTimeoutMs,
    socketTimeoutMS: tuning.timeoutMs,
    heartbeatFrequencyMS: tuning.heartbeatMs,
  };
}

/** A client that is not connected yet. Throws what the driver says of the URI. */
export function createClient(options: MongoOptions): MongoClient {
  const { uri, commands } = options;
  const tuning = { ...DEFAULT_TUNING, ...options };
  const client = new MongoClient(uri, {
    ...promises(tuning.timeoutMs),
    ...bounds(tuning),
    ...(/[?&]appName=/i.test(uri) ? {} : { appName: APP_NAME }),
    monitorCommands: commands !== undefined,
  });
  if (commands !== undefined) listen(client, commands);
  return client;
}

function listen(client: MongoClient, { started, succeeded, failed }: CommandListener): void {
  if (started) client.on('commandStarted', started);
  if (succeeded) client.on('commandSucceeded', succeeded);
  if (failed) client.on('commandFailed', failed);
}
