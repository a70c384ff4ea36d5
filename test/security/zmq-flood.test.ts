import { setTimeout as sleep } from 'node:timers/promises';
import { makeKeyPair } from '../../src/auth/curve/key-pair.js';
import { Bystander } from '../support/bystander.js';
import { CurveFiles } from '../support/curve-files.js';
import { counted } from '../support/metrics-text.js';
import { openFiles, treeRss } from '../support/process-memory.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { waitFor } from '../support/wait.js';
import { connectZmq, type ZmqClient } from '../support/zmq-client.js';
import { curveOptions, Knocker, tcpTo } from '../support/zmq-knock.js';

const LONG = process.env['MARCONI_TEST_TIER'] === 'long';
const CONNECTS = LONG ? 10_000 : 1_000;
const WAVE = 50;
const MIB = 1024 * 1024;
/** Memory that the flood may cost after a first part of it. */
const RSS_BOUND = 32 * MIB;

const folder = makeTempDir('flood');
const files = new CurveFiles(folder);
const ALL = ['read', 'post', 'consume', 'manage', 'operate'];
const blue = files.client('blue', 'blue', ALL);
const flooder = files.client('flooder', 'red', ALL);
const stranger = files.client('stranger', 'blue', []);

let server: RunningMarconi;
let router: string;
let client: ZmqClient;

beforeAll(async () => {
  server = await startMarconi({ command: 'core', args: files.flags });
  router = server.zmqAddress('router');
  client = await connectZmq(router, { curve: blue });
});

afterAll(async () => {
  client.close();
  await server.stop();
  removeTempDir(folder);
});

const refusals = async (cause: string) => {
  const text = await (await fetch(server.metricsUrl)).text();
  return counted(text, 'marconi_zmq_refused_connections_total', { socket: 'router', cause });
};

/** What comes: a good key, an unknown one, another server's, none, and TCP that says nothing. */
const KINDS = ['good', 'unknown', 'wrong', 'none', 'tcp'] as const;
type Kind = (typeof KINDS)[number];

const optionsOf = (kind: Kind) => {
  if (kind === 'good') return curveOptions(flooder);
  if (kind === 'unknown') return curveOptions(stranger);
  return kind === 'wrong' ? curveOptions({ ...flooder, serverKey: makeKeyPair().publicKey }) : {};
};

async function halfOpen(): Promise<string> {
  const socket = await tcpTo(router);
  await sleep(20);
  socket.destroy();
  return 'half-open';
}

/** So many connections, `WAVE` at a time; how each kind of them ended. */
async function flood(connects: number): Promise<Record<Kind, string[]>> {
  const workers = Array.from({ length: WAVE }, async (_, index) => {
    const kind = KINDS[index % KINDS.length]!;
    const knocker = kind === 'tcp' ? null : new Knocker(router, optionsOf(kind));
    const ends: string[] = [];
    for (let done = 0; done < connects / WAVE; done++) ends.push(await (knocker?.knock() ?? halfOpen()));
    knocker?.close();
    return { kind, ends };
  });
  const all = await Promise.all(workers);
  const of = (kind: Kind) => [...new Set(all.filter((one) => one.kind === kind).flatMap(({ ends }) => ends))];
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<Kind, string[]>;
}

test(
  `${CONNECTS} connections of all kinds: the bad ones are refused and counted, and nothing of them stays`,
  async () => {
    const bystander = await Bystander.start(client, 'beside');
    await flood(CONNECTS / 5);
    await sleep(1_000);
    const before = { files: openFiles(server.pid), rss: treeRss(server.pid), unknown: await refusals('unknown_key') };
    const broken = await refusals('handshake');

    expect(await flood(CONNECTS)).toEqual({
      good: ['in'],
      unknown: ['refused'],
      wrong: ['broken'],
      none: ['broken'],
      tcp: ['half-open'],
    });
    const each = CONNECTS / KINDS.length;
    expect(await refusals('unknown_key')).toBe(before.unknown + each);
    expect(await refusals('handshake')).toBeGreaterThanOrEqual(broken + 2 * each);
    await waitFor('the connections to be gone', () => openFiles(server.pid) <= before.files, { ms: 20_000 });
    const growth = treeRss(server.pid) - before.rss;
    expect(growth).toBeLessThan(RSS_BOUND);

    const { posted, stored, failures, slowestMs } = await bystander.stop();
    expect(failures).toEqual([]);
    expect(stored).toBe(posted);
    expect(posted).toBeGreaterThan(CONNECTS / 20);
    process.stderr.write(
      `\n${CONNECTS} connects: RSS ${(growth / MIB).toFixed(1)} MiB, ${posted} posts beside, slowest ${slowestMs.toFixed(0)} ms\n`,
    );
  },
  LONG ? 900_000 : 180_000,
);

test('connections that say nothing, or half a greeting, are ended by the server within its time', async () => {
  const before = openFiles(server.pid);
  const open = await Promise.all(Array.from({ length: 200 }, () => tcpTo(router)));
  let ended = 0;
  open.forEach((socket, index) => {
    socket.on('close', () => ended++);
    if (index % 2 === 0) socket.write(Buffer.from('ff00000000000000017f', 'hex'));
  });
  await waitFor('all of them to be open', () => openFiles(server.pid) >= before + 200);
  expect(await client.call('marconi.v1.AdminService/GetStatus')).toMatchObject({ draining: false });
  await waitFor('their ends', () => ended === open.length, { ms: 30_000 });
  await waitFor('their descriptors to be gone', () => openFiles(server.pid) <= before);
}, 60_000);
