/**
 * The faults of libzmq that GUARANTEES.md and docs/operate/zeromq.md speak of, each on a bare ROUTER. All need a
 * connection that was let in: with CURVE, a key that is admitted. Gone, what those pages say of them can go.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dealer } from 'zeromq';
import { rawDealer, unfinished } from '../support/raw-zmtp.js';
import { treeRss } from '../support/process-memory.js';
import { waitFor } from '../support/wait.js';

const MIB = 1024 * 1024;
const ROUTER = `
  const { Router } = require('zeromq');
  const router = new Router({ maxMessageSize: ${MIB}, receiveHighWaterMark: 4, mandatory: true, handover: false });
  router.bind('tcp://127.0.0.1:0').then(async () => {
    console.log(router.lastEndpoint);
    for await (const [from, what] of router) {
      console.log(from.toString('hex'));
      if (String(what) === 'later') setTimeout(() => router.send([from, 'for the first']).catch(() => {}), 1000);
    }
  });
`;

let child: ChildProcess;
let said = '';
let address: string;

beforeEach(async () => {
  said = '';
  const root = join(__dirname, '../..');
  child = spawn(process.execPath, ['-e', ROUTER], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  address = await waitFor('the address', () => /^tcp:.*$/m.exec(said)?.[0]);
});

afterEach(() => child.kill('SIGKILL'));

test('a client may choose the id that the router gives next: the process aborts', async () => {
  const open: { close(): void }[] = [];
  const connect = async (): Promise<void> => {
    const dealer = new Dealer({ linger: 0 });
    dealer.connect(address);
    open.push(dealer);
    await dealer.send('x');
  };
  await connect();
  const given = Buffer.from(await waitFor('the first id', () => /^[0-9a-f]{10}$/m.exec(said)?.[0]), 'hex');
  given.writeUInt32BE((given.readUInt32BE(1) + 1) >>> 0, 1);
  const chosen = await rawDealer(address, given);
  const exited = once(child, 'exit');
  await connect();
  expect(await exited).toEqual([null, 'SIGABRT']);
  chosen.destroy();
  for (const dealer of open) dealer.close();
});

test('a client may choose the id of a connection that broke: it gets the answers to that one', async () => {
  const first = new Dealer({ linger: 100 });
  first.connect(address);
  await first.send('later');
  const given = await waitFor('the id', () => /^[0-9a-f]{10}$/m.exec(said)?.[0]);
  first.close();
  await sleep(200);
  const raw = await rawDealer(address, Buffer.from(given, 'hex'));
  let heard = '';
  raw.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  await waitFor('the answer', () => heard.includes('for the first'));
  raw.destroy();
});

test('a message that never ends is kept whole, whatever the limits of a frame and of messages', async () => {
  const before = treeRss(child.pid!);
  const raw = await rawDealer(address, Buffer.alloc(0));
  const part = unfinished(Buffer.alloc(MIB - 16, 1));
  for (let sent = 0; sent < 64; sent++) if (!raw.write(part)) await once(raw, 'drain');
  await waitFor('the memory', () => treeRss(child.pid!) - before > 48 * MIB);
  raw.destroy();
  await waitFor('the memory to be given back', () => treeRss(child.pid!) - before < 24 * MIB);
});
