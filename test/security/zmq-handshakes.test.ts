import { randomBytes } from 'node:crypto';
import { Dealer, Push } from 'zeromq';
import { makeKeyPair } from '../../src/auth/curve/key-pair.js';
import { Bystander } from '../support/bystander.js';
import { CurveFiles } from '../support/curve-files.js';
import { counted } from '../support/metrics-text.js';
import { openFiles } from '../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { waitFor } from '../support/wait.js';
import { connectZmq, type ClientCurve, type ZmqClient } from '../support/zmq-client.js';
import { curveOptions, Knocker, tcpTo } from '../support/zmq-knock.js';

const folder = makeTempDir('handshakes');
const files = new CurveFiles(folder);
const blue = files.client('blue', 'blue', ['read', 'post', 'consume', 'manage', 'operate']);
const red = files.client('red', 'red', ['post']);
const stranger = files.client('stranger', 'blue', []);

let server: RunningMarconi;
let client: ZmqClient;
let bystander: Bystander;

beforeAll(async () => {
  const endpoint = { role: 'pull', listen: 'tcp://127.0.0.1:0', project: 'blue', domain: 'blue-in' };
  const args = [...files.flags, '--zmq-pull=', `--zmq-endpoints=${JSON.stringify([endpoint])}`];
  server = await startMarconi({ command: 'core', args });
  client = await connectZmq(server.zmqAddress('router'), { curve: blue });
  bystander = await Bystander.start(client, 'beside');
});

afterAll(async () => {
  const { posted, stored, failures } = await bystander.stop();
  client.close();
  await server.stop();
  removeTempDir(folder);
  expect({ stored, failures }).toEqual({ stored: posted, failures: [] });
});

const refusals = async (socket: string, cause: string) => {
  const text = await (await fetch(server.metricsUrl)).text();
  return counted(text, 'marconi_zmq_refused_connections_total', { socket, cause });
};

async function knock(name: string, options: object): Promise<string> {
  const knocker = new Knocker(server.zmqAddress(name), options, name === 'router' ? Dealer : Push);
  return knocker.knock().finally(() => knocker.close());
}

const wrongServer = (curve: ClientCurve) => curveOptions({ ...curve, serverKey: makeKeyPair().publicKey });
/** A client that lies about its public key: it cannot complete the handshake for it. */
const wrongSecret = { ...curveOptions(blue), curveSecretKey: makeKeyPair().secretKey };

describe.each(['router', 'blue-in'])('%s', (socket) => {
  test.each([
    ['an unknown key', curveOptions(stranger), 'refused', 'unknown_key'],
    ['the key of another server', wrongServer(blue), 'broken', 'handshake'],
    ['a known key without its secret', wrongSecret, 'broken', 'handshake'],
    ['no key', {}, 'broken', 'handshake'],
    ['a name and a password', { plainUsername: 'admin', plainPassword: 'admin' }, 'broken', 'handshake'],
  ])('%s is refused and counted', async (_name, options, how, cause) => {
    const before = await refusals(socket, cause);
    expect(await knock(socket, options)).toBe(how);
    await waitFor('the count', async () => (await refusals(socket, cause)) > before);
  });

  test('a key that is known is let in', async () => {
    expect(await knock(socket, curveOptions(blue))).toBe('in');
  });

  test('garbage over TCP ends its connection, and leaves nothing', async () => {
    const before = openFiles(server.pid);
    const greeting = Buffer.concat([Buffer.from('ff00000000000000017f0300', 'hex'), Buffer.from('CURVE')]);
    const openings = [
      randomBytes(1),
      randomBytes(10_000),
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1'),
      greeting,
      Buffer.concat([greeting, Buffer.alloc(64), randomBytes(5_000)]),
      // A frame that says that it has 2^63 bytes, before any handshake.
      Buffer.concat([greeting, Buffer.alloc(47), Buffer.from('067fffffffffffffff', 'hex'), randomBytes(100)]),
    ];
    const closed = openings.map(async (bytes) => {
      const tcp = await tcpTo(server.zmqAddress(socket));
      // A reset is an end as good as any; `once` would reject.
      const end = new Promise((resolve) => tcp.on('close', resolve));
      tcp.write(bytes);
      await end;
    });
    await Promise.all(closed);
    await waitFor('the descriptors to be gone', () => openFiles(server.pid) <= before);
  }, 40_000);
});

test("a key of another project is refused at a project's endpoint", async () => {
  expect(await knock('blue-in', curveOptions(red))).toBe('refused');
  expect(await knock('router', curveOptions(red))).toBe('in');
});

test('what is sent before the handshake fails is never read', async () => {
  const refusedFrames = async () =>
    counted(await (await fetch(server.metricsUrl)).text(), 'marconi_zmq_refused_frames_total', {});
  const before = await refusedFrames();
  for (const options of [curveOptions(stranger), wrongServer(blue), {}]) {
    for (const [Socket, name] of [
      [Dealer, 'router'],
      [Push, 'blue-in'],
    ] as const) {
      const socket = new Socket({ linger: 100, sendTimeout: 200, ...options });
      socket.connect(server.zmqAddress(name));
      for (let n = 0; n < 50; n++) await socket.send(randomBytes(100)).catch(() => undefined);
      socket.close();
    }
  }
  await client.call('marconi.v1.AdminService/GetStatus');
  expect(await refusedFrames()).toBe(before);
});
