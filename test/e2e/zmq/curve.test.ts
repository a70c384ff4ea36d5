import { Dealer } from 'zeromq';
import { makeKeyPair } from '../../../src/auth/curve/key-pair.js';
import {
  EnvelopeKind as Kind,
  SessionChallenge,
  SessionOpen,
  SessionProof,
} from '../../../src/gen/marconi/v1/envelope.js';
import { decodeKey } from '../../../src/auth/curve/z85.js';
import { CurveFiles } from '../../support/curve-files.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, envelopeBytes, refusedZmq, ZmqClient, type ClientCurve } from '../../support/zmq-client.js';
import { ZmqProducer } from '../../support/zmq-producer.js';

const folder = makeTempDir('curve');
const files = new CurveFiles(folder);
const ALL = ['read', 'post', 'consume', 'manage', 'operate'];
const blue = files.client('blue', 'blue', ALL);
const red = files.client('red', 'red', ALL);
const reader = files.client('reader', 'blue', ['read']);
const leaver = files.client('leaver', 'blue', ALL);
const fired = files.client('fired', 'blue', ALL);
const stranger = files.client('stranger', 'blue', []);
const CREATE = 'marconi.v1.QueueService/CreateQueue';
const GET = 'marconi.v1.QueueService/GetQueue';
const STATUS = 'marconi.v1.AdminService/GetStatus';

let server: RunningMarconi;
let router: string;
const open: { close(): void }[] = [];

const kept = <T extends { close(): void }>(socket: T): T => {
  open.push(socket);
  return socket;
};
const session = async (curve: ClientCurve) => kept(await connectZmq(router, { curve }));
const metrics = async () => (await fetch(server.metricsUrl)).text();

beforeAll(async () => {
  const endpoint = { role: 'pull', listen: 'tcp://127.0.0.1:0', project: 'blue', domain: 'blue-in' };
  const args = [...files.flags, `--zmq-endpoints=${JSON.stringify([endpoint])}`];
  server = await startMarconi({ command: 'core', storage: 'memory:', args });
  router = server.zmqAddress('router');
});

afterEach(() => open.splice(0).forEach((socket) => socket.close()));

afterAll(async () => {
  await server.stop();
  removeTempDir(folder);
});

describe('connections', () => {
  /** True when a socket with these options gets an answer within a second. */
  async function isHeard(options: object): Promise<boolean> {
    const socket = kept(new Dealer({ linger: 0, receiveTimeout: 1_000, ...options }));
    socket.connect(router);
    await socket.send(envelopeBytes({ version: 1, kind: Kind.ENVELOPE_KIND_SESSION_OPEN }));
    return socket.receive().then(
      () => true,
      () => false,
    );
  }
  const keys = ({ publicKey, secretKey, serverKey }: ClientCurve) => ({
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
    curveServerKey: serverKey,
  });

  test('a known key is heard; an unknown one, another server key and no key are not, and are counted', async () => {
    expect(await isHeard(keys(blue))).toBe(true);
    expect(await isHeard(keys(stranger))).toBe(false);
    expect(await isHeard(keys({ ...blue, serverKey: makeKeyPair().publicKey }))).toBe(false);
    expect(await isHeard({})).toBe(false);
    const text = await metrics();
    expect(text).toMatch(/marconi_zmq_refused_connections_total\{socket="router",cause="unknown_key"\} [1-9]/);
    expect(text).toMatch(/marconi_zmq_refused_connections_total\{socket="router",cause="handshake"\} [1-9]/);
  });

  test('a key is admitted once it stands in the file, without a restart', async () => {
    const late = files.client('late', 'blue', ALL);
    await waitFor('the new key', () => isHeard(keys(late)), { ms: 15_000 });
  });
});

describe('sessions', () => {
  test('a session is of the project and the rights of its key', async () => {
    const client = kept(new ZmqClient(router, { curve: reader }));
    expect(await client.open()).toMatchObject({ project: 'blue', bound: true, rights: [2] });
    expect(await client.call('marconi.v1.AuthService/Authenticate')).toMatchObject({
      strategy: 'curve',
      project: 'blue',
      roles: ['read'],
    });
    expect(await refusedZmq(client.call(CREATE, { queue: 'q' }))).toMatchObject({ reason: 'PERMISSION_DENIED' });
    expect(await refusedZmq(client.subscribe('p'))).toMatchObject({ reason: 'PERMISSION_DENIED' });
  });

  test('metadata may name the own project, and no other', async () => {
    const client = await session(blue);
    const as = (project: string) => ({ metadata: { 'marconi-project-bin': project } });
    await client.call(CREATE, { queue: 'own' });
    expect((await client.call(GET, { queue: 'own' }, as('blue'))).queue?.name).toBe('own');
    expect(await refusedZmq(client.call(GET, { queue: 'own' }, as('red')))).toMatchObject({
      reason: 'PERMISSION_DENIED',
    });
    expect(await refusedZmq((await session(red)).call(GET, { queue: 'own' }))).toMatchObject({
      reason: 'QUEUE_NOT_FOUND',
    });
  });

  test('without a session, and with a token that is none, nothing is served', async () => {
    const client = kept(new ZmqClient(router, { curve: blue }));
    for (const token of [Buffer.alloc(0), Buffer.alloc(24, 1), Buffer.alloc(10_000)]) {
      client.session = token;
      expect(await refusedZmq(client.call(STATUS))).toMatchObject({ reason: 'UNAUTHENTICATED', code: 16 });
    }
  });

  test('an envelope that is sent again is refused, and so is one whose sequence does not rise', async () => {
    const client = await session(blue);
    const frame = envelopeBytes({
      version: 1,
      kind: Kind.ENVELOPE_KIND_REQUEST,
      method: CREATE,
      correlationId: Buffer.from('again'),
      session: client.session,
      sequence: 7n,
      payload: Buffer.from([0x0a, 1, 0x72]),
    });
    await client.exchange('again', frame);
    const replayed = await refusedZmq(client.exchange('again', frame));
    expect(replayed).toMatchObject({ reason: 'UNAUTHENTICATED', facts: { fault: 'replay' } });
    client.sequence = 3n;
    expect(await refusedZmq(client.call(STATUS))).toMatchObject({ facts: { fault: 'replay' } });
    client.sequence = 7n;
    expect(await client.call(STATUS)).toMatchObject({ draining: false });
    expect(await metrics()).toMatch(/marconi_zmq_refused_frames_total\{socket="router",cause="replay"\} 2/);
  });

  test('a key that somebody else holds cannot be proven, and an answer is good once', async () => {
    const client = kept(new ZmqClient(router, { curve: red }));
    const ask = (curve: ClientCurve) =>
      client.ask(
        Kind.ENVELOPE_KIND_SESSION_OPEN,
        SessionOpen.encode({ publicKey: decodeKey(curve.publicKey)! }).finish(),
      );
    const prove = (challengeId: Buffer, answer: Buffer) =>
      client.ask(Kind.ENVELOPE_KIND_SESSION_PROOF, SessionProof.encode({ challengeId, answer }).finish());
    const { challengeId, box } = SessionChallenge.decode((await ask(blue)).payload);
    for (const answer of [box.subarray(0, 32), Buffer.alloc(32), Buffer.alloc(0)]) {
      expect(await refusedZmq(prove(challengeId, answer))).toMatchObject({ reason: 'UNAUTHENTICATED' });
    }
    expect(await refusedZmq(ask(stranger))).toMatchObject({ reason: 'UNAUTHENTICATED' });
    const short = client.ask(
      Kind.ENVELOPE_KIND_SESSION_OPEN,
      SessionOpen.encode({ publicKey: Buffer.alloc(3) }).finish(),
    );
    expect(await refusedZmq(short)).toMatchObject({ reason: 'UNAUTHENTICATED' });
  });

  test('a session outlives its connection, and is not tied to it', async () => {
    const first = await session(blue);
    const second = kept(new ZmqClient(router, { curve: blue }));
    Object.assign(second, { session: first.session, sequence: first.sequence });
    first.close();
    expect(await second.call(STATUS)).toMatchObject({ draining: false });
  });

  test('a key that is taken out of the file is out at once, session and all', async () => {
    const client = await session(leaver);
    expect(await client.call(STATUS)).toMatchObject({ draining: false });
    files.revoke('leaver');
    await waitFor('the end of the session', () =>
      client.call(STATUS).then(
        () => false,
        (error: Error) => refusedZmq(Promise.reject(error)).then(({ reason }) => reason === 'UNAUTHENTICATED'),
      ),
    );
  });
});

test('a routing id of the client is refused: nobody takes the answers of another', async () => {
  const client = kept(new ZmqClient(router, { curve: red, routingId: 'blue-worker' }));
  const answer = refusedZmq(client.exchange('', envelopeBytes({ version: 1, kind: Kind.ENVELOPE_KIND_SESSION_OPEN })));
  expect(await answer).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['routing_id'] });
});

describe("a project's PULL endpoint", () => {
  test("takes posts of the project's keys that may post, and of no others", async () => {
    const client = await session(blue);
    await client.call(CREATE, { queue: 'in' });
    await client.subscribe('worker');
    const publish = (curve: ClientCurve, sequence: bigint) =>
      kept(new ZmqProducer(server.zmqAddress('blue-in'), 'worker', curve)).publish('in', sequence, ['a']);
    await publish(red, 1n);
    await publish(reader, 2n);
    await publish(stranger, 3n);
    await publish(blue, 4n);
    await waitFor('the receipt', () => client.receipts.length > 0);
    const refused = /marconi_zmq_refused_connections_total\{socket="blue-in",cause="unknown_key"\} ([3-9]|\d{2,})/;
    await waitFor('the refusals', async () => refused.test(await metrics()));
    expect(client.receipts.map(({ producerSequence }) => producerSequence)).toEqual([4n]);
    expect(await client.call('marconi.v1.QueueService/GetQueueStats', { queue: 'in' })).toMatchObject({ total: 1n });
  });

  test('drops the connection of a key that is taken out of the file, and takes the others back', async () => {
    const client = await session(blue);
    await client.call(CREATE, { queue: 'kept' });
    const [gone, stays] = [fired, blue].map((curve, index) => ({
      producer: kept(new ZmqProducer(server.zmqAddress('blue-in'), `p${index}`, curve)),
      id: `p${index}`,
    }));
    for (const { id } of [gone!, stays!]) await client.subscribe(id);
    const heard = (id: string) => client.receipts.filter(({ producerId }) => producerId === id).length;
    for (const { producer, id } of [gone!, stays!]) {
      await producer.publish('kept', 1n, ['a']);
      await waitFor(`a receipt of ${id}`, () => heard(id) > 0, { ms: 15_000 });
    }
    const rereads = () => server.logs().filter(({ msg }) => msg === 'client keys were read again').length;
    const readBefore = rereads();
    files.revoke('fired');
    await waitFor('the file to be read', () => rereads() > readBefore);
    const before = heard('p0');
    // A post that was on its way when the connection ended is lost: it is sent again.
    for (let n = 2n; heard('p1') < 2 && n < 200n; n++) {
      await stays!.producer.publish('kept', n, ['b']);
      await gone!.producer.publish('kept', n, ['b']).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(heard('p1')).toBeGreaterThanOrEqual(2);
    expect(heard('p0')).toBe(before);
  }, 30_000);
});

test('a file of keys that is not sound changes nothing, and is told', async () => {
  const { writeFileSync, readFileSync } = await import('node:fs');
  const sound = readFileSync(files.clientKeys, 'utf8');
  writeFileSync(files.clientKeys, 'keys: [{name: x, key: short, project: null, rights: [read]}]');
  await waitFor('the log line', () => server.logs().some(({ msg }) => msg === 'the client keys stay as they were'));
  expect(await (await session(blue)).call(STATUS)).toMatchObject({ draining: false });
  writeFileSync(files.clientKeys, sound);
});
