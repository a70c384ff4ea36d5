import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';
import { createClient } from '../../src/storage/drivers/mongodb/client.js';
import { longestSilence, MonitorWatch } from '../../src/storage/drivers/mongodb/monitor-watch.js';
import { DEFAULT_TUNING } from '../../src/storage/drivers/mongodb/options.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';

const TUNING = { ...DEFAULT_TUNING, heartbeatMs: 2_000, connectTimeoutMs: 500, serverSelectionTimeoutMs: 1_000 };
/** The client lets a server be looked at again no sooner than half a second after the last look. */
const REST_MS = 700;

const WATCHING = {
  monotonic: () => performance.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

let server: MongoServer;
const sockets: Socket[] = [];
const keep = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  subscribe('net.client.socket', keep);
});

afterAll(async () => {
  unsubscribe('net.client.socket', keep);
  await server.stop();
});

beforeEach(() => void (sockets.length = 0));

const ask = (client: MongoClient): Promise<unknown> => client.db('watched').collection('things').findOne({});

/** Breaks the connection of a command, and that of the monitor as the client is about to look for the server again. */
async function breakAll(client: MongoClient): Promise<void> {
  await client.connect();
  const monitor = sockets[0]!;
  await ask(client);
  const others = sockets.filter((socket) => socket !== monitor);
  await sleep(REST_MS);
  client.once('connectionPoolCleared', () => monitor.destroy());
  await server.pause();
  const asked = ask(client).catch((error: unknown) => error);
  await sleep(100);
  for (const socket of others) socket.destroy();
  server.resume();
  await asked;
}

test('all connections broken at one moment: the client alone never finds the server again', async () => {
  const client = createClient({ uri: server.uri, database: 'watched', ...TUNING });
  try {
    await breakAll(client);
    await sleep(2 * longestSilence(TUNING));
    await expect(ask(client)).rejects.toThrow('closed');
  } finally {
    await client.close();
  }
});

test('all connections broken at one moment: found again once the monitor has been silent for too long', async () => {
  const client = createClient({ uri: server.uri, database: 'watched', ...TUNING });
  const watch = new MonitorWatch(client, longestSilence(TUNING), WATCHING);
  try {
    await breakAll(client);
    await sleep(1.5 * longestSilence(TUNING));
    await expect(ask(client)).resolves.toBeNull();
  } finally {
    await watch.stop();
    await client.close();
  }
});

test('what is in use is left alone', async () => {
  const client = createClient({ uri: server.uri, database: 'watched', ...TUNING });
  const watch = new MonitorWatch(client, longestSilence(TUNING), WATCHING);
  const closed = jest.fn();
  try {
    await client.connect();
    client.on('topologyClosed', closed);
    for (let asked = 0; asked < 20; asked++) {
      await ask(client);
      await sleep(longestSilence(TUNING) / 10);
    }
    expect(closed).not.toHaveBeenCalled();
  } finally {
    await watch.stop();
    await client.close();
  }
});
