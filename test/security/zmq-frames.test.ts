import { randomBytes } from 'node:crypto';
import { Bystander } from '../support/bystander.js';
import { CurveFiles } from '../support/curve-files.js';
import { EnvelopeKind as Kind, type Envelope } from '../../src/gen/marconi/v1/envelope.js';
import { counted } from '../support/metrics-text.js';
import { openFiles, treeRss } from '../support/process-memory.js';
import { Random } from '../support/random.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { waitFor } from '../support/wait.js';
import { connectZmq, envelopeBytes, refusedZmq, ZmqClient, type ClientCurve } from '../support/zmq-client.js';
import { ZmqProducer } from '../support/zmq-producer.js';
import { curveOptions } from '../support/zmq-knock.js';

const LONG = process.env['MARCONI_TEST_TIER'] === 'long';
const FRAMES = LONG ? 100_000 : 5_000;
const SEED = Number(process.env['MARCONI_TEST_SEED'] ?? 1);
const MIB = 1024 * 1024;
const RSS_BOUND = 48 * MIB;
const ALL = ['read', 'post', 'consume', 'manage', 'operate'];
const CREATE = 'marconi.v1.QueueService/CreateQueue';
const STATUS = 'marconi.v1.AdminService/GetStatus';

const folder = makeTempDir('frames');
const files = new CurveFiles(folder);
const blue = files.client('blue', 'blue', ALL);
const red = files.client('red', 'red', ALL);

let server: RunningMarconi;
let router: string;
let client: ZmqClient;
let bystander: Bystander;
const open: { close(): void }[] = [];

const kept = <T extends { close(): void }>(socket: T): T => {
  open.push(socket);
  return socket;
};
const session = async (curve: ClientCurve) => kept(await connectZmq(router, { curve }));
const refusedFrames = async (labels: Record<string, string>) =>
  counted(await (await fetch(server.metricsUrl)).text(), 'marconi_zmq_refused_frames_total', labels);

beforeAll(async () => {
  const endpoint = { role: 'pull', listen: 'tcp://127.0.0.1:0', project: 'blue', domain: 'blue-in' };
  const args = [...files.flags, '--zmq-pull=', `--zmq-endpoints=${JSON.stringify([endpoint])}`];
  server = await startMarconi({ command: 'core', args });
  router = server.zmqAddress('router');
  client = await connectZmq(router, { curve: blue });
  bystander = await Bystander.start(client, 'beside');
});

afterEach(() => open.splice(0).forEach((socket) => socket.close()));

afterAll(async () => {
  const { posted, stored, failures } = await bystander.stop();
  client.close();
  const errors = server.logs().filter(({ level }) => level === 'error' || level === 'fatal');
  const exit = await server.stop();
  removeTempDir(folder);
  expect({ stored, failures, errors, exit }).toEqual({ stored: posted, failures: [], errors: [], exit: 0 });
});

/** A whole request, as it goes over the wire. */
const requestOf = (from: ZmqClient, id: string, sequence: bigint, more: Partial<Envelope> = {}) =>
  envelopeBytes({
    ...{ version: 1, kind: Kind.ENVELOPE_KIND_REQUEST, method: CREATE, correlationId: Buffer.from(id) },
    ...{ session: from.session, sequence, payload: Buffer.from([0x0a, 1, 0x72]) },
    ...more,
  });

describe('sessions', () => {
  test('an envelope that was recorded is refused from whichever connection, and counted', async () => {
    const victim = await session(blue);
    const recorded = requestOf(victim, 'recorded', 5n);
    await victim.exchange('recorded', recorded);
    const before = await refusedFrames({ socket: 'router', cause: 'replay' });
    const thieves = [victim, kept(new ZmqClient(router, { curve: blue })), kept(new ZmqClient(router, { curve: red }))];
    for (const thief of thieves) {
      const refused = await refusedZmq(thief.exchange('recorded', recorded));
      expect(refused).toMatchObject({ reason: 'UNAUTHENTICATED', facts: { fault: 'replay' } });
    }
    expect(await refusedFrames({ socket: 'router', cause: 'replay' })).toBe(before + 3);
  });

  // The promise: the token alone is the session. Connections are encrypted, so nobody else has it; whoever was given it
  // calls as its key and never as more, and the holder sees by the refusal of its own sequence that it is not alone.
  test('a token in other hands is worth what its key is, and no more; its holder finds out', async () => {
    const victim = await session(blue);
    const thief = kept(new ZmqClient(router, { curve: red }));
    Object.assign(thief, { session: victim.session, sequence: 1_000n });
    expect(await thief.call('marconi.v1.AuthService/Authenticate')).toMatchObject({ project: 'blue' });
    const elsewhere = thief.call(CREATE, { queue: 'q' }, { metadata: { 'marconi-project-bin': 'red' } });
    expect(await refusedZmq(elsewhere)).toMatchObject({ reason: 'PERMISSION_DENIED' });
    expect(await refusedZmq(victim.call(STATUS))).toMatchObject({ facts: { fault: 'replay' } });
  });

  test('tokens are not guessed, and neither are those beside a real one', async () => {
    const victim = await session(blue);
    const before = await refusedFrames({ socket: 'router', cause: 'session' });
    const guesses = Array.from({ length: 500 }, (_, index) => {
      if (index % 2 === 0) return randomBytes(24);
      const near = Buffer.from(victim.session);
      near[index % near.length]! ^= 1 << (index % 8);
      return near;
    });
    const thief = kept(new ZmqClient(router, { curve: red }));
    for (const token of [...guesses, victim.session.subarray(1), Buffer.concat([victim.session, Buffer.alloc(1)])]) {
      thief.session = token;
      expect(await refusedZmq(thief.call(STATUS))).toMatchObject({ facts: { fault: 'session' } });
    }
    expect(await refusedFrames({ socket: 'router', cause: 'session' })).toBe(before + 502);
    expect(await victim.call(STATUS)).toMatchObject({ draining: false });
  });
});

describe('routing ids', () => {
  test('one that a client chose is refused, also where another has it, and the first connection is as it was', async () => {
    const victim = await session(blue);
    const before = await refusedFrames({ socket: 'router', cause: 'invalid_request' });
    for (const routingId of ['worker', 'worker', 'x'.repeat(255)]) {
      const thief = kept(new ZmqClient(router, { curve: red, routingId }));
      const hello = envelopeBytes({ version: 1, kind: Kind.ENVELOPE_KIND_SESSION_OPEN });
      // libzmq hears only the first of those who have one id; what the second sends is lost.
      const first = Promise.race([
        refusedZmq(thief.exchange('', hello)),
        new Promise((resolve) => setTimeout(() => resolve('unheard'), 500)),
      ]);
      expect([expect.objectContaining({ fields: ['routing_id'] }), 'unheard']).toContainEqual(await first);
    }
    expect(await refusedFrames({ socket: 'router', cause: 'invalid_request' })).toBeGreaterThanOrEqual(before + 2);
    expect(await victim.call(STATUS)).toMatchObject({ draining: false });
  });
});

test('a frame that is too long ends its connection, encrypted too, and no other', async () => {
  for (const address of [router, server.zmqAddress('blue-in')]) {
    const before = openFiles(server.pid);
    const attacker = new ZmqClient(address, { curve: blue });
    const ended = attacker.waitForDisconnect();
    await attacker.send(randomBytes(MIB + 1));
    await ended;
    attacker.close();
    await waitFor('its descriptor to be gone', () => openFiles(server.pid) <= before);
  }
  expect(await client.call(STATUS)).toMatchObject({ draining: false });
});

const bytesOf = (random: Random, least: number, most: number): Buffer =>
  Buffer.from(Array.from({ length: random.between(least, most) }, () => random.between(0, 255)));

/** What is sent: whole envelopes that were damaged, and what never was one. */
function garbage(random: Random, from: ZmqClient): Buffer | Buffer[] {
  const whole = Buffer.from(
    requestOf(from, 'fuzz', ++from.sequence, {
      method: random.pick([CREATE, STATUS, 'marconi.v1.MessageService/PostMessages', 'no/Method', '__proto__/x']),
      metadata: {
        [random.pick(['client-id', 'marconi-project-bin', '__proto__', ''])]: bytesOf(random, 0, 40),
      },
      payload: bytesOf(random, 0, 200),
    }),
  );
  switch (random.between(0, 6)) {
    case 0:
      return bytesOf(random, 0, 2_000);
    case 1:
      return whole.subarray(0, random.between(0, whole.length - 1));
    case 2:
      return [Buffer.alloc(0), whole];
    case 3:
      return Array.from({ length: random.between(2, 40) }, () => bytesOf(random, 0, 50));
    case 4:
      return Buffer.alloc(0);
    case 5:
      for (let n = random.between(1, 8); n > 0; n--)
        whole[random.between(0, whole.length - 1)] = random.between(0, 255);
      return whole;
    default:
      return whole;
  }
}

test(
  `${FRAMES} frames of garbage leave the node and its memory as they were`,
  async () => {
    const random = new Random(SEED);
    const attacker = await session(red);
    attacker.take = () => undefined;
    const producer = kept(new ZmqProducer(server.zmqAddress('blue-in'), 'p', blue));
    const send = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        const frames = garbage(random, attacker);
        await attacker.send(frames);
        if (n % 4 === 0) await producer.socket.send(frames);
      }
      await client.call(STATUS);
    };
    await send(FRAMES / 5);
    const before = { rss: treeRss(server.pid), files: openFiles(server.pid), refused: await refusedFrames({}) };
    await send(FRAMES);
    await waitFor('all to be read', async () => (await refusedFrames({})) >= before.refused + FRAMES / 2);
    const growth = treeRss(server.pid) - before.rss;
    expect(growth).toBeLessThan(RSS_BOUND);
    await waitFor('the descriptors', () => openFiles(server.pid) <= before.files);
    process.stderr.write(`\n${FRAMES} frames of garbage: RSS ${(growth / MIB).toFixed(1)} MiB\n`);
  },
  LONG ? 600_000 : 60_000,
);

test('sockets of other kinds are not served, and end nothing', async () => {
  const { Request, Publisher, Push } = await import('zeromq');
  const before = await refusedFrames({ socket: 'router', cause: 'frames' });
  const request = kept(new Request({ linger: 0, receiveTimeout: 300, ...curveOptions(red) }));
  request.connect(router);
  await request.send('hello');
  await expect(request.receive()).rejects.toThrow();
  await waitFor(
    'the delimiter to be counted',
    async () => (await refusedFrames({ socket: 'router', cause: 'frames' })) > before,
  );
  for (const Socket of [Push, Publisher]) {
    const socket = kept(new Socket({ linger: 0, sendTimeout: 100, ...curveOptions(red) }));
    socket.connect(router);
    await socket.send('hello').catch(() => undefined);
  }
  expect(await client.call(STATUS)).toMatchObject({ draining: false });
});
