import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { Dealer, type Push, type SocketOptions } from 'zeromq';
import type { ClientCurve } from './zmq-client.js';

/** How a connection went: `in`, or how it was refused. */
export type Knock = 'in' | 'refused' | 'broken' | 'silence';

const SILENCE_MS = 8_000;

/** Options of a socket with the keys of a client. */
export const curveOptions = ({ publicKey, secretKey, serverKey }: ClientCurve) => ({
  curvePublicKey: publicKey,
  curveSecretKey: secretKey,
  curveServerKey: serverKey,
});

/** Connects again and again, each time anew. One socket does it: zeromq.js keeps those whose events were watched. */
export class Knocker {
  private readonly socket: Dealer | Push;
  private readonly types: string[] = [];
  private wake: () => void = () => undefined;

  constructor(
    private readonly address: string,
    options: SocketOptions<Dealer> = {},
    Socket: typeof Dealer | typeof Push = Dealer,
  ) {
    this.socket = new Socket({ linger: 0, reconnectInterval: -1, ...options });
    void this.watch();
  }

  /** Connects once, tells how its handshake ended, and disconnects. */
  async knock(): Promise<Knock> {
    this.types.length = 0;
    this.socket.connect(this.address);
    const end = performance.now() + SILENCE_MS;
    let connected = false;
    let outcome: Knock | null = null;
    while (outcome === null && performance.now() < end) {
      const type = this.types.shift();
      if (type === undefined) await this.change();
      else if (type === 'connect') connected = true;
      else if (connected) outcome = outcomeOf(type);
    }
    this.leave();
    return outcome ?? 'silence';
  }

  close(): void {
    this.socket.close();
  }

  private leave(): void {
    try {
      this.socket.disconnect(this.address);
    } catch {
      // A connection that broke is given up by the socket itself, which is not to connect again.
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SILENCE_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async watch(): Promise<void> {
    try {
      for await (const { type } of this.socket.events) {
        this.types.push(type);
        this.wake();
      }
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }
}

function outcomeOf(type: string): Knock | null {
  if (type === 'handshake') return 'in';
  if (type === 'handshake:error:auth') return 'refused';
  return type.startsWith('handshake:error') || type === 'disconnect' ? 'broken' : null;
}

/** A bare TCP connection to the port of an address. */
export async function tcpTo(address: string): Promise<TcpSocket> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  // Unread bytes would keep its end from being seen.
  socket.resume();
  return socket;
}
