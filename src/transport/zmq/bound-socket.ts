import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'zeromq';

/** What is done with a socket that is bound. */
export interface BoundSocketParts<S> {
  /** Makes a socket that is not bound yet. */
  open(): S;
  /** The socket is bound: called once for each. */
  serve(socket: S): void;
}

const POLL_MS = 10;
const REBIND_TRIES = 50;

/** A socket at an address. libzmq ends no connection by itself; to end all, the socket is opened anew at the same place. */
export class BoundSocket<S extends Socket> {
  private socket: S;
  private address = '';
  private turn: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(private readonly parts: BoundSocketParts<S>) {
    this.socket = parts.open();
  }

  /** The socket of this moment. */
  get current(): S {
    return this.socket;
  }

  /** Listens, and gives the address that it got. */
  async start(listen: string): Promise<string> {
    await this.socket.bind(listen);
    this.address = this.socket.lastEndpoint ?? listen;
    this.parts.serve(this.socket);
    return this.address;
  }

  /** Ends every connection; those who may come again do so by themselves. */
  reopen(): Promise<void> {
    const reopened = this.turn.then(() => this.again());
    this.turn = reopened.catch(() => undefined);
    return reopened;
  }

  stop(): void {
    this.isStopped = true;
    this.socket.close();
  }

  private async again(): Promise<void> {
    if (this.isStopped) return;
    await this.socket.unbind(this.address);
    this.socket.close();
    this.socket = this.parts.open();
    for (let tries = 0; !this.isStopped; tries++) {
      try {
        await this.start(this.address);
        return;
      } catch (error) {
        if (this.isStopped) return;
        if (tries >= REBIND_TRIES) throw error;
        await sleep(POLL_MS);
      }
    }
  }
}
