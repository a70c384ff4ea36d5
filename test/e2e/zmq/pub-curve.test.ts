import { setTimeout as sleep } from 'node:timers/promises';
import { CurveFiles } from '../../support/curve-files.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, refusedZmq, type ClientCurve, type ZmqClient } from '../../support/zmq-client.js';
import { listOver, openTopic, ZmqSubscriber } from '../../support/zmq-subscriber.js';

const folder = makeTempDir('pub-curve');
const files = new CurveFiles(folder);
const ALL = ['read', 'post', 'consume', 'manage'];
const blue = files.client('blue', 'blue', ALL);
const red = files.client('red', 'red', ALL);
const reader = files.client('reader', 'blue', ['read']);
const poster = files.client('poster', 'blue', ['post']);
const fired = files.client('fired', 'blue', ALL);
const stranger = files.client('stranger', 'blue', []);

let server: RunningMarconi;
let client: ZmqClient;
const open: { close(): void }[] = [];

const kept = <T extends { close(): void }>(socket: T): T => {
  open.push(socket);
  return socket;
};
const session = async (curve: ClientCurve) => kept(await connectZmq(server.zmqAddress('router'), { curve }));
const subscribe = (endpoint: string, queue: string, topic: Buffer, curve?: ClientCurve) => {
  const keys = curve === undefined ? {} : { curve };
  const list = listOver(() => client, queue);
  const subscriber = kept(new ZmqSubscriber(server.zmqAddress(endpoint), { list, ...keys }));
  subscriber.subscribe(topic);
  return subscriber;
};
const post = (queue: string, body: unknown) => {
  const messages = [{ body: Buffer.from(JSON.stringify(body)), contentType: '', ttlSeconds: 300 }];
  return client.call('marconi.v1.MessageService/PostMessages', { queue, messages });
};
const create = (queue: string) => client.call('marconi.v1.QueueService/CreateQueue', { queue });
const admitted = (subscriber: ZmqSubscriber) => waitFor('the admission', () => subscriber.heard > 0);
const bodies = (subscriber: ZmqSubscriber, expected: readonly unknown[]) =>
  waitFor('the messages', () => JSON.stringify(subscriber.bodies) === JSON.stringify(expected));

beforeAll(async () => {
  const endpoint = { role: 'pub', listen: 'tcp://127.0.0.1:0', project: 'blue', domain: 'blue-out' };
  const args = [...files.flags, `--zmq-endpoints=${JSON.stringify([endpoint])}`];
  server = await startMarconi({ command: 'core', storage: 'memory:', args });
});

beforeEach(async () => (client = await session(blue)));

afterEach(() => open.splice(0).forEach((socket) => socket.close()));

afterAll(async () => {
  await server.stop();
  removeTempDir(folder);
});

test("a project's endpoint admits its keys that may read, whatever topic others have", async () => {
  await create('in');
  const { topic } = await openTopic(client, 'in', { endpoint: 'blue-out' });
  const deaf = [red, poster, stranger, undefined].map((curve) => subscribe('blue-out', 'in', topic, curve));
  const heard = [blue, reader].map((curve) => subscribe('blue-out', 'in', topic, curve));
  for (const one of heard) await admitted(one);
  const refused = /marconi_zmq_refused_connections_total\{socket="blue-out",cause="unknown_key"\} [3-9]/;
  await waitFor('the refusals', async () => refused.test(await (await fetch(server.metricsUrl)).text()));
  await post('in', 'a');
  for (const one of heard) await bodies(one, ['a']);
  expect(deaf.map((one) => one.heard)).toEqual([0, 0, 0, 0]);
});

test('a topic is granted to who may read in its project, and to nobody else', async () => {
  await create('mine');
  expect(await openTopic(await session(reader), 'mine', { endpoint: 'blue-out' })).toMatchObject({
    heartbeat: { seconds: 15n },
  });
  const reasonOf = async (curve: ClientCurve, endpoint: string) =>
    (await refusedZmq(openTopic(await session(curve), 'mine', { endpoint }))).reason;
  expect(await reasonOf(poster, 'blue-out')).toBe('PERMISSION_DENIED');
  expect(await reasonOf(red, 'blue-out')).toBe('PERMISSION_DENIED');
  expect(await reasonOf(red, '')).toBe('PERMISSION_DENIED');
});

test('a key that is taken out of the file hears no more; the others come back and miss nothing', async () => {
  await create('kept');
  const { topic } = await openTopic(client, 'kept', { endpoint: 'blue-out' });
  const [gone, stays] = [fired, reader].map((curve) => subscribe('blue-out', 'kept', topic, curve));
  for (const one of [gone!, stays!]) await admitted(one);
  await post('kept', 0);
  for (const one of [gone!, stays!]) await bodies(one, [0]);
  const rereads = () => server.logs().filter(({ msg }) => msg === 'client keys were read again').length;
  const before = rereads();
  files.revoke('fired');
  await waitFor('the file to be read', () => rereads() > before);
  await sleep(100);
  const { heard } = gone!;
  for (let n = 1; n <= 50; n++) await post('kept', n);
  await bodies(
    stays!,
    Array.from({ length: 51 }, (_, n) => n),
  );
  expect(gone!.heard).toBe(heard);
});
