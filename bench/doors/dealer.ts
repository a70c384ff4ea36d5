import { Envelope, type EnvelopeKind } from '../../src/gen/marconi/v1/envelope.js';
import { connectZmq, ZmqClient } from '../../test/support/zmq-client.js';

/** Frames for a socket, of which it bears one at a time. */
export class FrameLine {
  private readonly waiting: Uint8Array[] = [];
  private isSending = false;

  constructor(private readonly socket: { send(frame: Uint8Array): Promise<void> }) {}

  send(frame: Uint8Array): void {
    this.waiting.push(frame);
    if (!this.isSending) void this.sendAll();
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await this.socket.send(next);
    this.isSending = false;
  }
}

/** What an envelope of a load says beside its session. */
export interface Parcel {
  readonly kind: EnvelopeKind;
  readonly method: string;
  readonly payload: Uint8Array;
}

/** A client of the router without the waiting for each answer: they all go to `answered`. */
export class LoadDealer {
  private readonly line: FrameLine;
  private sequence: bigint;

  private constructor(
    private readonly client: ZmqClient,
    answered: (envelope: Envelope) => void,
  ) {
    this.line = new FrameLine(client.socket);
    this.sequence = client.sequence;
    client.take = answered;
  }

  /** With a session; `prepare` may ask for what it needs before the load begins. */
  static async open(
    address: string,
    answered: (envelope: Envelope) => void,
    prepare: (client: ZmqClient) => Promise<unknown> = async () => undefined,
  ): Promise<LoadDealer> {
    const client = await connectZmq(address);
    await prepare(client);
    return new LoadDealer(client, answered);
  }

  /** Without a session, for the echo. */
  static bare(address: string, answered: (envelope: Envelope) => void): LoadDealer {
    return new LoadDealer(new ZmqClient(address), answered);
  }

  send(parcel: Parcel): void {
    this.line.send(frameOf(parcel, this.client.session, ++this.sequence));
  }

  close(): void {
    this.client.close();
  }
}

/** An envelope as bytes; its correlation id is its sequence. */
export function frameOf({ kind, method, payload }: Parcel, session: Buffer, sequence: bigint): Uint8Array {
  return Envelope.encode({
    version: 1,
    kind,
    method,
    status: 0,
    correlationId: Buffer.from(String(sequence)),
    deadlineMs: 0,
    metadata: {},
    session,
    sequence,
    payload: payload as Buffer,
  }).finish();
}
