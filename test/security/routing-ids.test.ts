/** A client that speaks ZMTP by hand may choose its routing id: it must not find the ids that others are given. */
import type { Socket } from 'node:net';
import { rawDealer } from '../support/raw-zmtp.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { connectZmq } from '../support/zmq-client.js';

/** Where the first and the second router of a process begin when nobody seeds the C library's chance (glibc). */
const FIRST = [0x6b8b4567, 0xe43c9869];
const COUNT = 16;

let server: RunningMarconi;
beforeEach(async () => {
  server = await startMarconi({ command: 'core', storage: 'memory:' });
});
afterEach(() => server.stop());

test('the ids that a fresh libzmq gives are taken: connections get others, and all are served', async () => {
  const router = server.zmqAddress('router');
  const taken: Socket[] = [];
  for (let n = 0; n < COUNT; n++) {
    for (const first of FIRST) {
      const id = Buffer.alloc(5);
      id.writeUInt32BE(first + n, 1);
      taken.push(await rawDealer(router, id));
    }
  }
  for (let n = 0; n < COUNT; n++) {
    const client = await connectZmq(router);
    expect((await client.call('marconi.v1.AdminService/GetStatus', {})).version).not.toBe('');
    client.close();
  }
  for (const socket of taken) socket.destroy();
});
