import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

const HEADER = 16;
const OP_MSG = 2013;
/** A flag of OP_MSG: four bytes of checksum follow its sections. */
const HAS_CHECKSUM = 1;

/** Stands between a client and a server of the MongoDB wire protocol and keeps every command as the client sent it. */
export class WireTap {
  readonly commands: Document[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** Listens on a free port of the loopback for what is then passed on to that port. */
  static async open(port: number): Promise<WireTap> {
    const tap = new WireTap(createServer());
    tap.server.on('connection', (client) => tap.join(client, createConnection(port, '127.0.0.1')));
    await new Promise<void>((resolve) => tap.server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get uri(): string {
    return `mongodb://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, server: Socket): void {
    let pending: Buffer = Buffer.alloc(0);
    client.on('data', (data) => (pending = this.take(Buffer.concat([pending, data]))));
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => this.sockets.delete(socket));
    }
  }

  /** Keeps the commands that are whole; what is left over is the beginning of the next one. */
  private take(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length >= HEADER && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      if (message.readInt32LE(12) === OP_MSG) this.commands.push(commandOf(message.subarray(HEADER)));
      rest = rest.subarray(message.length);
    }
    return rest;
  }
}

/** The one command that the sections of an OP_MSG make up: a document, and lists of documents for some of its fields. */
function commandOf(message: Buffer): Document {
  const end = message.length - (message.readInt32LE(0) & HAS_CHECKSUM ? 4 : 0);
  let command: Document = {};
  for (let at = 4; at < end;) {
    const size = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + size);
    command = { ...command, ...(message[at] === 0 ? BSON.deserialize(section) : sequenceOf(section)) };
    at += 1 + size;
  }
  return command;
}

function sequenceOf(section: Buffer): Document {
  const zero = section.indexOf(0, 4);
  const documents: Document[] = [];
  for (let at = zero + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(BSON.deserialize(section.subarray(at, at + section.readInt32LE(at))));
  }
  return { [section.toString('utf8', 4, zero)]: documents };
}
