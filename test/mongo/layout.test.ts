import { startMarconi, type RunningMarconi, type StartOptions } from '../support/server.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';
import { CLIENT, fresh, RestClient } from '../support/rest-client.js';

type Clients = [RestClient, RestClient];

let database: MongoServer;
const running: RunningMarconi[] = [];

async function start(options: StartOptions): Promise<RunningMarconi> {
  const server = await startMarconi(options);
  running.push(server);
  return server;
}

/** A core, and a gateway before it, each a process of its own. */
async function pair(storage: string): Promise<{ core: RunningMarconi; gateway: RunningMarconi }> {
  const core = await start({ command: 'core', storage });
  return { core, gateway: await start({ command: 'gateway', args: [`--core=${core.grpcAddress}`] }) };
}

beforeAll(async () => {
  database = await startMongoJavaServer({ backend: 'memory' });
});

afterAll(async () => {
  for (const server of running) server.kill('SIGKILL');
  await Promise.all(running.map(({ exited }) => exited));
  await database.stop();
});

test('two cores and two gateways, each a process: what one made the other uses, and goes on alone', async () => {
  const storage = `${database.uri}${freshDatabase()}`;
  const one = await pair(storage);
  const other = await pair(storage);
  const headers = { 'X-Project-Id': fresh('project'), 'Client-ID': CLIENT };
  const [mine, theirs] = [one, other].map(({ gateway }) => new RestClient(gateway.restUrl, headers)) as Clients;
  const queue = `/v1/queues/${fresh('q')}`;

  expect((await mine.put(queue)).status).toBe(201);
  expect((await theirs.put(queue)).status).toBe(204);
  const [message] = (await theirs.post(`${queue}/messages`, [{ ttl: 300, body: { from: 'theirs' } }])).json.resources;
  expect((await mine.get(message)).json.body).toEqual({ from: 'theirs' });
  const [claimed] = (await mine.post(`${queue}/claims`, { ttl: 60, grace: 60 })).json;
  expect((await theirs.post(`${queue}/claims`, { ttl: 60, grace: 60 })).status).toBe(204);
  expect((await theirs.delete(message)).status).toBe(403);
  expect((await theirs.delete(claimed.href)).status).toBe(204);
  expect((await mine.get(`${queue}/stats`)).json.messages.total).toBe(0);

  one.core.kill('SIGKILL');
  await one.core.exited;
  expect((await mine.get(queue)).status).toBe(503);
  expect((await theirs.post(`${queue}/messages`, [{ ttl: 300, body: 1 }])).status).toBe(201);
  expect((await theirs.delete(queue)).status).toBe(204);
  expect((await theirs.get(queue)).status).toBe(404);
  for (const server of [one.gateway, other.gateway, other.core]) expect(await server.stop()).toBe(0);
});
