import { setTimeout as sleep } from 'node:timers/promises';
import { Push, type Context } from 'zeromq';
import type { ZmqMetrics } from '../../telemetry/zmq-metrics.js';
import { BoundSocket } from './bound-socket.js';
import { FULL_SENDER, pushOptions, STALL_LOOK_MS } from './limits.js';
import type { CurveServerOptions } from './socket-security.js';
import { watchHandshakes } from './watch.js';

/** Messages on their way to a worker. */
export interface Delivery {
  readonly frame: Uint8Array;
  /** No worker takes it: its messages go back to their queue. */
  giveBack(): void;
}

/** What a sender is made of. */
export interface PushSenderParts {
  /** How the endpoint is called in logs and metrics. */
  readonly name: string;
  readonly context: Context;
  readonly curve: CurveServerOptions;
  readonly metrics: ZmqMetrics;
}

/** What a sender tells. */
export interface PushSenderEvents {
  /** Too much waits: send only what is on its way already. */
  full(): void;
  ready(): void;
}

/** Of libzmq: what a socket is ready for, and the flag for sending. */
const ZMQ_EVENTS = 15;
const ZMQ_POLLOUT = 2;

/** A PUSH that tells whether a worker would take something now. Not to be asked while a `send` waits. */
class AskedPush extends Push {
  get isWritable(): boolean {
    return (this.getInt32Option(ZMQ_EVENTS) & ZMQ_POLLOUT) !== 0;
  }
}

/** Hands deliveries to whichever worker has room, one after another; what none takes in time comes back. */
export class PushSender {
  private readonly bound: BoundSocket<AskedPush>;
  private readonly pending: Delivery[] = [];
  private isSending = false;
  private isStopped = false;

  constructor(
    private readonly parts: PushSenderParts,
    private readonly events: PushSenderEvents,
  ) {
    this.bound = new BoundSocket({ open: () => this.open(), serve: () => undefined });
  }

  /** Listens, and gives the address that it got. */
  start(listen: string): Promise<string> {
    return this.bound.start(listen);
  }

  /** Ends every connection; workers that may come again do so by themselves. What they had not read is lost to them. */
  reopen(): Promise<void> {
    return this.bound.reopen();
  }

  send(delivery: Delivery): void {
    this.pending.push(delivery);
    if (this.pending.length >= FULL_SENDER) this.events.full();
    if (!this.isSending) void this.sendAll();
  }

  /** Gives back all that waits. */
  giveUp(): void {
    for (const delivery of this.pending.splice(0)) this.giveBack(delivery);
  }

  stop(): void {
    this.isStopped = true;
    this.giveUp();
    this.bound.stop();
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    for (let next = this.pending.shift(); next !== undefined; next = this.pending.shift()) {
      if (await this.handOver(next)) {
        if (this.pending.length < FULL_SENDER) this.events.ready();
        continue;
      }
      this.events.full();
      this.giveBack(next);
      this.giveUp();
      await this.whenTaken();
      this.events.ready();
    }
    this.isSending = false;
  }

  /** False when no worker took it in time. */
  private async handOver({ frame }: Delivery): Promise<boolean> {
    for (;;) {
      const socket = this.bound.current;
      try {
        await socket.send(frame);
        return true;
      } catch (error) {
        const isReopened = socket.closed && !this.isStopped;
        if (isReopened) continue;
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN' || socket.closed) return false;
        throw error;
      }
    }
  }

  /** Resolves when a worker would take something: what is claimed before is claimed in vain. */
  private async whenTaken(): Promise<void> {
    while (!this.isStopped) {
      const { current } = this.bound;
      if (!current.closed && current.isWritable) return;
      await sleep(STALL_LOOK_MS);
    }
  }

  private giveBack(delivery: Delivery): void {
    this.parts.metrics.deliveryReturned(this.parts.name);
    delivery.giveBack();
  }

  private open(): AskedPush {
    const { context, curve, metrics, name } = this.parts;
    const socket = new AskedPush({ context, ...pushOptions, ...curve });
    void watchHandshakes(socket, (cause) => metrics.connectionRefused(name, cause));
    return socket;
  }
}
