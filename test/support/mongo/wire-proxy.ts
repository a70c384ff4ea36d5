import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Document } from 'mongodb';
import { altered, documentOf, frames, type Frame } from './op-msg.js';

/** A command on its way from a client to the server. */
export interface Passing {
  readonly name: string;
  readonly collection: string | null;
  readonly body: Document;
}

/** Recognises commands. */
export type Match = (command: Passing) => boolean;

/** When a command is stopped: before the server has it, or when the server has answered and nobody heard. */
export type Moment = 'before' | 'after';

/**
 * What becomes of a stopped command or reply: it goes on, or its connection ends without it, on both sides; a command
 * may also go on as another one.
 */
export type Fate = 'pass' | 'drop' | ((command: Document) => Document);

/** Where to stop, and what is done there; the command or reply waits until it is. */
export interface Stop {
  readonly match: Match;
  readonly moment: Moment;
  readonly act: (command: Passing) => Fate | Promise<Fate>;
}

/** A stop that a command has not reached yet. */
interface Armed extends Stop {
  readonly reached: (command: Passing) => void;
}

/**
 * Stands between a core and its database, passes everything on, and stops a chosen command on its way there or back.
 * What is stopped holds up its own connection only, and no more than one message of it is in memory.
 */
export class WireProxy {
  private readonly sockets = new Set<Socket>();
  private readonly armed = new Set<Armed>();
  private readonly lasting: Stop[] = [];

  /** Where it listens, also while it is cut off. */
  private at = 0;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** Listens on a free port of the loopback for what is then passed on to that port. */
  static async open(port: number): Promise<WireProxy> {
    const proxy = new WireProxy(createServer(), port);
    proxy.server.on('connection', (client) => proxy.join(client));
    await proxy.listen();
    proxy.at = (proxy.server.address() as AddressInfo).port;
    return proxy;
  }

  /** Without a database. */
  get uri(): string {
    return `mongodb://127.0.0.1:${this.at}/`;
  }

  /** Stops the next command that matches, once; resolves with it as soon as it is there. `disarm` gives up. */
  once(stop: Stop): { readonly reached: Promise<Passing>; disarm(): void } {
    let reach: (command: Passing) => void = () => undefined;
    const reached = new Promise<Passing>((resolve) => (reach = resolve));
    const armed = { ...stop, reached: reach };
    this.armed.add(armed);
    return { reached, disarm: () => void this.armed.delete(armed) };
  }

  /** Stops every command that matches, from now on; of several that match, the first to be set. */
  always(stop: Stop): void {
    this.lasting.push(stop);
  }

  /** Ends every connection and lets nobody in until `mend`. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Lets clients in again, at the same address. */
  async mend(): Promise<void> {
    await this.listen();
  }

  /** Ends every connection and listens no more. */
  async close(): Promise<void> {
    this.armed.clear();
    await this.cut();
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.at, '127.0.0.1', resolve));
  }

  private join(client: Socket): void {
    const server = createConnection(this.port, '127.0.0.1');
    const connection = new Connection(client, server, (command, moment) => this.fate(command, moment));
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    }
    void connection.run();
  }

  private async fate(command: Passing, moment: Moment): Promise<Fate> {
    const armed = [...this.armed].find((stop) => stop.moment === moment && stop.match(command));
    if (armed !== undefined) {
      this.armed.delete(armed);
      armed.reached(command);
      const fate = await armed.act(command);
      if (fate !== 'pass') return fate;
    }
    const lasting = this.lasting.find((stop) => stop.moment === moment && stop.match(command));
    return lasting === undefined ? 'pass' : lasting.act(command);
  }
}

/** Both ways of one connection. */
class Connection {
  /** Commands that the server has not answered, by their numbers: a client sends the next one after the answer. */
  private readonly unanswered = new Map<number, Passing>();

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly fate: (command: Passing, moment: Moment) => Promise<Fate>,
  ) {}

  /** Resolves when the connection has ended, one way or the other. */
  async run(): Promise<void> {
    const ways = [this.pump(this.client, this.server, (frame) => this.command(frame))];
    ways.push(this.pump(this.server, this.client, (frame) => this.reply(frame)));
    await Promise.race(ways).catch(() => undefined);
    this.client.destroy();
    // A command that was let go when its client had ended still gets there.
    this.server.end();
  }

  private async pump(from: Socket, to: Socket, treat: (frame: Frame) => Promise<Buffer | null>): Promise<void> {
    for await (const frame of frames(from)) {
      const bytes = await treat(frame);
      if (bytes === null || !to.writable) return;
      if (!to.write(bytes)) await once(to, 'drain');
    }
  }

  private async command(frame: Frame): Promise<Buffer | null> {
    const body = documentOf(frame);
    if (body === null) return frame.bytes;
    const command = passing(body);
    this.unanswered.set(frame.requestId, command);
    const fate = await this.fate(command, 'before');
    if (fate === 'drop') return null;
    return fate === 'pass' ? frame.bytes : altered(frame, fate);
  }

  private async reply(frame: Frame): Promise<Buffer | null> {
    const command = this.unanswered.get(frame.responseTo);
    this.unanswered.delete(frame.responseTo);
    if (command === undefined) return frame.bytes;
    return (await this.fate(command, 'after')) === 'drop' ? null : frame.bytes;
  }
}

function passing(body: Document): Passing {
  const [name = '', target] = Object.entries(body)[0] ?? [];
  return { name, collection: typeof target === 'string' ? target : null, body };
}
