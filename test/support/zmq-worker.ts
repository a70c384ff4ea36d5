import { Pull } from 'zeromq';
import {
  Envelope,
  EnvelopeKind as Kind,
  PushDelivery,
  WorkerCredit,
  WorkerCreditGranted,
} from '../../src/gen/marconi/v1/envelope.js';
import { connectZmq, type ConnectOptions, type ZmqClient } from './zmq-client.js';

/** How a worker works. */
export interface WorkerOptions extends ConnectOptions {
  readonly credit: Partial<WorkerCredit>;
  readonly metadata?: Readonly<Record<string, Buffer>>;
  /** What is done with each delivery; absent: nothing is acknowledged. */
  readonly work?: (delivery: PushDelivery, worker: ZmqWorker) => unknown;
}

/** A worker of a PUSH endpoint, written after `docs/protocol-zmq.md`. */
export class ZmqWorker {
  readonly deliveries: PushDelivery[] = [];
  private readonly socket: Pull;
  private timer: NodeJS.Timeout | undefined;
  private isReading = true;

  constructor(
    readonly client: ZmqClient,
    address: string,
    private readonly options: WorkerOptions,
  ) {
    const { curve } = options;
    const keys =
      curve === undefined
        ? {}
        : { curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey, curveServerKey: curve.serverKey };
    this.socket = new Pull({ linger: 0, receiveHighWaterMark: 1, reconnectInterval: 20, ...keys });
    this.socket.connect(address);
  }

  /** Says what it bears; gives the server's answer. */
  async announce(more: Partial<WorkerCredit> = {}): Promise<WorkerCreditGranted> {
    const credit = WorkerCredit.fromPartial({ ...this.options.credit, ...more } as never);
    const payload = WorkerCredit.encode(credit).finish();
    const answer = await this.client.ask(Kind.ENVELOPE_KIND_WORKER_CREDIT, payload, this.metadata);
    return WorkerCreditGranted.decode(answer.payload);
  }

  /** Announces itself within each heartbeat, and takes what comes. */
  async start(): Promise<this> {
    const { heartbeat } = await this.announce();
    this.timer = setInterval(() => void this.announce().catch(() => undefined), Number(heartbeat!.seconds) * 500);
    void this.read();
    return this;
  }

  /** Acknowledges all messages of a delivery. */
  async acknowledge({ queue, claim }: PushDelivery): Promise<readonly number[]> {
    const ids = claim!.messages.map(({ id }) => id);
    const request = { queue, claimId: claim!.id, ids };
    const { acknowledgements } = await this.client.call(
      'marconi.v1.ClaimService/AcknowledgeMessages',
      request,
      this.metadata,
    );
    return acknowledgements.map(({ outcome }) => outcome);
  }

  /** Messages that came, of all deliveries. */
  get bodies(): string[] {
    return this.deliveries.flatMap(({ claim }) => claim!.messages.map(({ body }) => body.toString()));
  }

  /** Says nothing any more, and goes on taking. */
  fallSilent(): void {
    clearInterval(this.timer);
  }

  /** Takes nothing any more, and goes on saying that it lives. */
  stall(): void {
    this.isReading = false;
  }

  close(): void {
    clearInterval(this.timer);
    this.socket.close();
    this.client.close();
  }

  private get metadata(): { metadata?: Record<string, Buffer> } {
    return this.options.metadata === undefined ? {} : { metadata: { ...this.options.metadata } };
  }

  private async read(): Promise<void> {
    try {
      while (this.isReading) {
        const [frame] = await this.socket.receive();
        const delivery = PushDelivery.decode(Envelope.decode(frame!).payload);
        this.deliveries.push(delivery);
        await this.options.work?.(delivery, this);
      }
    } catch (error) {
      if (!this.socket.closed && !this.client.socket.closed) throw error;
    }
  }
}

/** A worker with a session of its own that has announced itself. */
export async function startWorker(
  addresses: { readonly router: string; readonly push: string },
  options: WorkerOptions,
): Promise<ZmqWorker> {
  const client = await connectZmq(addresses.router, options);
  return new ZmqWorker(client, addresses.push, options).start();
}
