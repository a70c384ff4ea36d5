import { freePort } from '../../support/free-port.js';
import { startMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, refusedZmq } from '../../support/zmq-client.js';
import { ZmqProducer } from '../../support/zmq-producer.js';
import { listOver, openTopic, ZmqSubscriber } from '../../support/zmq-subscriber.js';

const CREATE = 'marconi.v1.QueueService/CreateQueue';

test('a stop answers what is under way: waits end empty, posts get their receipts; then it exits with 0', async () => {
  const server = await startMarconi({ command: 'core' });
  const client = await connectZmq(server.zmqAddress('router'));
  const producer = new ZmqProducer(server.zmqAddress('pull'), 'p');
  for (const queue of ['empty', 'posts']) await client.call(CREATE, { queue });
  await client.subscribe('p');
  const wait = { seconds: 30n, nanos: 0 };
  const waiting = client.call('marconi.v1.ClaimService/CreateClaim', {
    queue: 'empty',
    ttlSeconds: 60,
    graceSeconds: 60,
    wait,
  });
  for (let n = 1n; n <= 200n; n++) await producer.publish('posts', n, ['x']);
  await waitFor('the first receipt', () => client.receipts.length > 0);
  const stopped = server.stop();
  expect((await waiting).claim).toBeUndefined();
  expect(await stopped).toBe(0);
  const outcomes = client.receipts.map(({ outcome }) => outcome?.$case);
  expect(new Set(outcomes).has('stored')).toBe(true);
  producer.close();
  client.close();
});

test('a stop does not wait for subscribers; what they heard nothing of they list at the next start', async () => {
  const [router, pub] = (await Promise.all([freePort(), freePort()])).map((port) => `tcp://127.0.0.1:${port}`);
  const folder = makeTempDir('stop-pub');
  const options = {
    command: 'core',
    storage: `sqlite:${folder}/marconi.db`,
    args: [`--zmq-router=${router}`, `--zmq-pub=${pub}`],
  } as const;
  const first = await startMarconi(options);
  let client = await connectZmq(first.zmqAddress('router'));
  await client.call(CREATE, { queue: 'q' });
  const subscriber = new ZmqSubscriber(first.zmqAddress('pub'), { list: listOver(() => client, 'q') });
  subscriber.subscribe((await openTopic(client, 'q')).topic);
  await waitFor('the admission', () => subscriber.heard > 0);
  client.close();
  const stopping = performance.now();
  expect(await first.stop()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(5_000);
  const second = await startMarconi(options);
  client = await connectZmq(second.zmqAddress('router'));
  const messages = [{ body: Buffer.from('1'), contentType: '', ttlSeconds: 300 }];
  await client.call('marconi.v1.MessageService/PostMessages', { queue: 'q', messages });
  await waitFor('the message', () => subscriber.bodies.length === 1);
  subscriber.close();
  client.close();
  expect(await second.stop()).toBe(0);
  removeTempDir(folder);
});

test('over ipc, and off: the ready line names what answers', async () => {
  const folder = makeTempDir('ipc');
  const off = ['--zmq-pull=', '--zmq-push=', '--zmq-pub='];
  const args = [`--zmq-router=ipc://${folder}/router`, ...off];
  const server = await startMarconi({ command: 'core', storage: 'memory:', args });
  expect(server.output()).toContain(`zmq-router ipc://${folder}/router`);
  expect(server.output()).not.toMatch(/zmq-p/);
  const client = await connectZmq(server.zmqAddress('router'));
  expect(await client.call(CREATE, { queue: 'q' })).toEqual({ created: true });
  client.close();
  expect(await server.stop()).toBe(0);
  const none = await startMarconi({ command: 'core', storage: 'memory:', args: ['--zmq-router=', ...off] });
  expect(none.output()).not.toContain('zmq');
  expect(await none.stop()).toBe(0);
  removeTempDir(folder);
});

test('a session that is over is told; the client begins another', async () => {
  const server = await startMarconi({ command: 'core', storage: 'memory:' });
  const client = await connectZmq(server.zmqAddress('router'));
  client.session = Buffer.from(client.session).reverse();
  expect(await refusedZmq(client.call(CREATE, { queue: 'q' }))).toMatchObject({ facts: { fault: 'session' } });
  await client.open();
  expect(await client.call(CREATE, { queue: 'q' })).toEqual({ created: true });
  client.close();
  await server.stop();
});
