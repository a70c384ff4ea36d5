import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** What a command is answered: a document; nothing, for ever; or the end of the connection. */
export type WireReply = Document | 'silence' | 'hang up';

/** Answers a command; `null` leaves it to the server itself, which greets as the primary of a replica set. */
export type WireScript = (command: Document) => WireReply | null;

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;

/** A server that speaks the wire protocol of MongoDB and answers what the test tells it to. */
export class WireServer {
  /** Every command that came, in order, heartbeats left out. */
  readonly commands: Document[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    public script: WireScript,
  ) {}

  /** Listens on a free port of the loopback. */
  static async start(script: WireScript): Promise<WireServer> {
    const server = createServer();
    const wire = new WireServer(server, script);
    server.on('connection', (socket) => wire.serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends every connection and listens no more. */
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
    let unread = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= HEADER_BYTES && unread.length >= unread.readInt32LE(0)) {
        const message = unread.subarray(0, unread.readInt32LE(0));
        unread = unread.subarray(message.length);
        this.answer(socket, message);
      }
    });
  }

  private answer(socket: Socket, message: Buffer): void {
    const legacy = message.readInt32LE(12) === OP_QUERY;
    const command = legacy ? queryOf(message) : commandOf(message);
    const greeting = ['hello', 'ismaster', 'isMaster'].some((name) => name in command);
    if (!greeting) this.commands.push(command);
    const reply = this.script(command) ?? (greeting ? this.greeting() : { ok: 1 });
    if (reply === 'hang up') socket.destroy();
    else if (reply !== 'silence') socket.write(frame(message.readInt32LE(4), reply, legacy));
  }

  /** What the primary of a replica set with one member says. */
  greeting(): Document {
    return {
      ok: 1,
      ...{
        isWritablePrimary: true,
        ismaster: true,
        helloOk: true,
        setName: 'rs',
        hosts: [this.address],
        me: this.address,
      },
      ...{ maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
      ...{ localTime: new Date(), logicalSessionTimeoutMinutes: 30, minWireVersion: 0, maxWireVersion: 21 },
    };
  }
}

function queryOf(message: Buffer): Document {
  const name = HEADER_BYTES + 4;
  return BSON.deserialize(message.subarray(message.indexOf(0, name) + 9));
}

/** The command with its document sequences put back as arrays. */
function commandOf(message: Buffer): Document {
  let command: Document = {};
  const sequences: Document = {};
  for (let at = HEADER_BYTES + 4; at < message.length;) {
    const kind = message[at];
    const size = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + size);
    if (kind === 0) command = BSON.deserialize(section);
    else Object.assign(sequences, sequenceOf(section));
    at += 1 + size;
  }
  return { ...command, ...sequences };
}

function sequenceOf(section: Buffer): Document {
  const end = section.indexOf(0, 4);
  const documents: Document[] = [];
  for (let at = end + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(BSON.deserialize(section.subarray(at, at + section.readInt32LE(at))));
  }
  return { [section.toString('utf8', 4, end)]: documents };
}

function frame(responseTo: number, reply: Document, legacy: boolean): Buffer {
  const body = BSON.serialize(reply);
  const middle = Buffer.alloc(legacy ? 20 : 5);
  if (legacy) middle.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + middle.length + body.length, 0);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, middle, body]);
}
