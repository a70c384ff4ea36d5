import { setTimeout as sleep } from 'node:timers/promises';
import { Acknowledgement_Outcome } from '../../../src/gen/marconi/v1/claims.js';
import { CurveFiles } from '../../support/curve-files.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, refusedZmq, type ClientCurve, type ZmqClient } from '../../support/zmq-client.js';
import { startWorker, ZmqWorker, type WorkerOptions } from '../../support/zmq-worker.js';

const Q = 'marconi.v1.QueueService';
const M = 'marconi.v1.MessageService';
const CLAIM = 'marconi.v1.ClaimService/CreateClaim';
const ACKNOWLEDGE: NonNullable<WorkerOptions['work']> = (delivery, worker) => worker.acknowledge(delivery);
const open: { close(): void }[] = [];
const kept = <T extends { close(): void }>(socket: T): T => {
  open.push(socket);
  return socket;
};
let server: RunningMarconi;
let client: ZmqClient;

afterEach(async () => {
  // A worker that leaves makes way for the next test's.
  for (const socket of open) if (socket instanceof ZmqWorker) await socket.announce({ messages: 0 }).catch(() => null);
  open.splice(0).forEach((socket) => socket.close());
});

const messages = (count: number, text = 'm') =>
  Array.from({ length: count }, (_, n) => ({ body: Buffer.from(JSON.stringify(`${text}${n}`)), contentType: '' }));
const post = (queue: string, count: number, text = 'm') =>
  client.call(`${M}/PostMessages`, { queue, messages: messages(count, text).map((m) => ({ ...m, ttlSeconds: 300 })) });
const statsOf = (queue: string) => client.call(`${Q}/GetQueueStats`, { queue });
const metrics = async () => (await fetch(server.metricsUrl)).text();

describe('the endpoint that all projects share', () => {
  beforeAll(async () => {
    server = await startMarconi({ command: 'core', storage: 'memory:' });
    client = await connectZmq(server.zmqAddress('router'));
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  const worker = async (options: WorkerOptions) =>
    kept(await startWorker({ router: server.zmqAddress('router'), push: server.zmqAddress('push') }, options));
  const fresh = async (...queues: string[]) => {
    for (const queue of queues) await client.call(`${Q}/CreateQueue`, { queue });
    return queues;
  };

  test('messages come as they are posted, under claims, each to one worker; acknowledged they are gone', async () => {
    const queues = await fresh('work');
    const fleet = [
      await worker({ credit: { queues, messages: 40, batch: 20 }, work: ACKNOWLEDGE }),
      await worker({ credit: { queues, messages: 40, batch: 10 }, work: ACKNOWLEDGE }),
    ];
    for (let round = 0; round < 10; round++) await post('work', 20, `${round}-`);
    await waitFor('an empty queue', async () => (await statsOf('work')).total === 0n);
    const bodies = fleet.flatMap((one) => one.bodies);
    expect(bodies).toHaveLength(200);
    expect(new Set(bodies).size).toBe(200);
    // Anybody may get any delivery, so none is larger than the weakest bears.
    for (const { claim } of fleet.flatMap((one) => one.deliveries))
      expect(claim!.messages.length).toBeLessThanOrEqual(10);
  });

  test('no more is unacknowledged than the workers bear together, whatever is posted', async () => {
    const queues = await fresh('bounded');
    await post('bounded', 50);
    const one = await worker({ credit: { queues, messages: 5, batch: 2 } });
    await waitFor('what it bears', () => one.bodies.length === 5);
    await sleep(200);
    expect((await statsOf('bounded')).claimed).toBe(5n);
    const other = await worker({ credit: { queues, messages: 3, batch: 1 } });
    await waitFor('what both bear', async () => (await statsOf('bounded')).claimed === 8n);
    const [first] = one.deliveries;
    expect(await one.acknowledge(first!)).toEqual(
      first!.claim!.messages.map(() => Acknowledgement_Outcome.OUTCOME_ACKNOWLEDGED),
    );
    await waitFor('as many again', async () => (await statsOf('bounded')).claimed === 8n);
    await other.announce({ messages: 0 });
    const [, second] = one.deliveries;
    await one.acknowledge(second!);
    await sleep(200);
    // One bears 5, and more than that is out.
    expect((await statsOf('bounded')).claimed).toBe(8n - BigInt(second!.claim!.messages.length));
  });

  test('queues take turns: a full one does not keep another waiting', async () => {
    const queues = await fresh('full', 'calm');
    await post('full', 200);
    const one = await worker({ credit: { queues, messages: 4, batch: 1 }, work: ACKNOWLEDGE });
    await waitFor('a start', () => one.deliveries.length > 4);
    await post('calm', 1, 'calm');
    await waitFor('the calm one', () => one.bodies.includes('"calm0"'));
    expect(one.deliveries.length).toBeLessThan(150);
  });

  test('a worker that falls silent bears nothing after three heartbeats', async () => {
    const queues = await fresh('silent');
    const one = await worker({ credit: { queues, messages: 100, batch: 1 }, work: ACKNOWLEDGE });
    expect(await metrics()).toMatch(/marconi_zmq_workers\{socket="push"\} 1/);
    one.fallSilent();
    await waitFor('its end', async () => /marconi_zmq_workers\{socket="push"\} 0/.test(await metrics()), {
      ms: 25_000,
      every: 200,
    });
    await post('silent', 3);
    await sleep(300);
    expect(one.bodies).toEqual([]);
    expect((await statsOf('silent')).claimed).toBe(0n);
  });

  test('workers that take nothing get no more than is on its way; the rest is free for others', async () => {
    const queues = await fresh('stalled');
    const one = await worker({
      credit: { queues, messages: 10_000, batch: 20 },
      work: () => new Promise(() => undefined),
    });
    const body = Buffer.from(JSON.stringify('x'.repeat(60_000)));
    for (let n = 0; n < 200; n++) {
      const many = Array.from({ length: 4 }, () => ({ body, contentType: '', ttlSeconds: 300 }));
      await client.call(`${M}/PostMessages`, { queue: 'stalled', messages: many });
    }
    await waitFor('a delivery that comes back', async () =>
      /returned_deliveries_total\{socket="push"\} [1-9]/.test(await metrics()),
    );
    const { claim } = await client.call(CLAIM, { queue: 'stalled', ttlSeconds: 60, graceSeconds: 60, limit: 20 });
    expect(claim?.messages.length).toBeGreaterThan(0);
    expect(one.deliveries).toHaveLength(1);
  });

  test('what a worker says is checked', async () => {
    const one = await worker({ credit: { queues: ['a', 'b'], messages: 1 } });
    const announce = (more: object) => refusedZmq(one.announce(more));
    expect(await announce({ queues: [] })).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['queues'] });
    expect(await announce({ queues: ['a', 'a'] })).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['queues'] });
    expect(await announce({ queues: ['a/b'] })).toMatchObject({ reason: 'INVALID_QUEUE_NAME' });
    expect(await announce({ messages: 65_537 })).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['messages'] });
    expect(await announce({ batch: 21 })).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['batch'] });
    expect(await announce({ endpoint: 'none' })).toMatchObject({ reason: 'PERMISSION_DENIED' });
  });

  test('workers of one endpoint serve the same queues of the same project; the next may choose anew', async () => {
    const one = await worker({ credit: { queues: ['a', 'b'], messages: 1 } });
    const other = kept(await connectZmq(server.zmqAddress('router')));
    const address = server.zmqAddress('push');
    const metadata = { 'marconi-project-bin': Buffer.from('red') };
    const stranger = new ZmqWorker(other, address, { credit: { queues: ['a', 'b'], messages: 1 }, metadata });
    const divergent = new ZmqWorker(other, address, { credit: { queues: ['a'], messages: 1 } });
    expect((await refusedZmq(stranger.announce())).reason).toBe('PERMISSION_DENIED');
    expect((await refusedZmq(divergent.announce())).reason).toBe('PERMISSION_DENIED');
    await one.announce({ messages: 0 });
    expect((await stranger.announce()).claimTtl).toEqual({ seconds: 60n, nanos: 0 });
    await stranger.announce({ messages: 0 });
  });
});

describe('an endpoint of one project, with CURVE', () => {
  const folder = makeTempDir('push');
  const files = new CurveFiles(folder);
  const blue = files.client('blue', 'blue', ['consume', 'post', 'manage', 'read']);
  const fired = files.client('fired', 'blue', ['consume']);
  const reader = files.client('reader', 'blue', ['read']);
  const red = files.client('red', 'red', ['consume']);
  let addresses: { router: string; push: string };

  beforeAll(async () => {
    const endpoint = {
      role: 'push',
      listen: 'tcp://127.0.0.1:0',
      project: 'blue',
      domain: 'out',
      queues: ['jobs'],
      ttl: 90,
    };
    const args = [...files.flags, `--zmq-endpoints=${JSON.stringify([endpoint])}`];
    server = await startMarconi({ command: 'core', storage: 'memory:', args });
    addresses = { router: server.zmqAddress('router'), push: server.zmqAddress('out') };
    client = await connectZmq(addresses.router, { curve: blue });
    await client.call(`${Q}/CreateQueue`, { queue: 'jobs' });
  });
  afterAll(async () => {
    client.close();
    await server.stop();
    removeTempDir(folder);
  });

  test('serves its queues under claims of its ttl', async () => {
    const one = kept(
      await startWorker(addresses, { curve: blue, credit: { endpoint: 'out', messages: 4 }, work: ACKNOWLEDGE }),
    );
    await post('jobs', 3);
    await waitFor('three', () => one.bodies.length === 3);
    expect(one.deliveries[0]).toMatchObject({ queue: 'jobs', claim: { ttlSeconds: 90 } });
    const other = refusedZmq(one.announce({ queues: ['others'] }));
    expect(await other).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['queues'] });
  });

  test('a worker of another project is refused as at no endpoint, and so is one without the right', async () => {
    const refusalOf = async (curve: ClientCurve, endpoint: string) => {
      const other = kept(await connectZmq(addresses.router, { curve }));
      const one = kept(new ZmqWorker(other, addresses.push, { curve, credit: { endpoint, messages: 1 } }));
      const { reason, message } = await refusedZmq(one.announce());
      return `${reason}: ${message}`;
    };
    const none = await refusalOf(red, 'nowhere');
    expect(none).toMatch(/^PERMISSION_DENIED: No such endpoint/);
    expect(await refusalOf(red, 'out')).toBe(none);
    expect(await refusalOf(reader, 'out')).toMatch(/^PERMISSION_DENIED/);
    await waitFor('the refusals of ZAP', async () =>
      /marconi_zmq_refused_connections_total\{socket="out",cause="unknown_key"\} [1-9]/.test(await metrics()),
    );
  });

  test('a key that is taken away is put out, and the others go on', async () => {
    const one = kept(
      await startWorker(addresses, { curve: blue, credit: { endpoint: 'out', messages: 50 }, work: ACKNOWLEDGE }),
    );
    const other = kept(await startWorker(addresses, { curve: fired, credit: { endpoint: 'out', messages: 50 } }));
    files.revoke('fired');
    await waitFor(
      'its refusal',
      async () => (await refusedZmq(other.announce()).catch(() => null))?.reason === 'UNAUTHENTICATED',
    );
    await sleep(300);
    const before = other.bodies.length;
    await post('jobs', 20, 'later');
    await waitFor('all at the one', () => one.bodies.filter((body) => body.includes('later')).length === 20);
    expect(other.bodies).toHaveLength(before);
  });
});
