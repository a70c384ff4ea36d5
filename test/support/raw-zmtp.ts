import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tcpTo } from './zmq-knock.js';

const MORE_AND_LONG = 3;
const COMMAND = 4;

/** A property of a READY command. */
function property(name: string, value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, value]);
}

/** A DEALER that is written by hand (ZMTP 3, no security): says what a library would not. */
export async function rawDealer(address: string, routingId: Buffer): Promise<Socket> {
  const socket = await tcpTo(address);
  const signature = Buffer.from('ff00000000000000017f0300', 'hex');
  socket.write(Buffer.concat([signature, Buffer.from('NULL'), Buffer.alloc(48)]));
  const properties = [property('Socket-Type', Buffer.from('DEALER')), property('Identity', routingId)];
  const ready = Buffer.concat([Buffer.from([5]), Buffer.from('READY'), ...properties]);
  socket.write(Buffer.concat([Buffer.from([COMMAND, ready.length]), ready]));
  // Its handshake is over.
  await sleep(200);
  return socket;
}

/** A frame after which more are said to come. */
export function unfinished(body: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head[0] = MORE_AND_LONG;
  head.writeBigUInt64BE(BigInt(body.length), 1);
  return Buffer.concat([head, body]);
}
