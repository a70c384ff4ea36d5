/** What the examples of ZeroMQ share: envelopes and a session, as in docs/protocol-zmq.md, without CURVE. */
import { Dealer } from 'zeromq';
import { Status } from '../src/gen/google/rpc/status.js';
import { Envelope, EnvelopeKind, SessionGranted, SessionOpen } from '../src/gen/marconi/v1/envelope.js';

/** An envelope as the one frame of a message. */
export function frameOf(kind: EnvelopeKind, payload: Uint8Array, more: Partial<Envelope> = {}): Uint8Array {
  const envelope = Envelope.fromPartial({});
  return Envelope.encode({ ...envelope, version: 1, kind, payload: Buffer.from(payload), ...more }).finish();
}

/** A session with the router: asks, and gets answers in any order. */
export class Session {
  private readonly socket = new Dealer({ linger: 0 });
  private readonly waiting = new Map<string, (answer: Envelope) => void>();
  private token: Buffer = Buffer.alloc(0);
  private sequence = 0n;
  /** What comes unasked: receipts. */
  unasked: (envelope: Envelope) => void = () => undefined;

  constructor(address: string) {
    this.socket.connect(address);
    void this.read();
  }

  async open(): Promise<void> {
    const opened = SessionOpen.encode({ publicKey: Buffer.alloc(0) }).finish();
    this.token = SessionGranted.decode(await this.ask(EnvelopeKind.ENVELOPE_KIND_SESSION_OPEN, opened)).token;
  }

  /** Calls a method of the contract, "marconi.v1.QueueService/CreateQueue" and so on. */
  call(method: string, request: Uint8Array): Promise<Uint8Array> {
    return this.ask(EnvelopeKind.ENVELOPE_KIND_REQUEST, request, method);
  }

  /** Sends what the kind says, and gives the payload of the answer. */
  async ask(kind: EnvelopeKind, payload: Uint8Array, method = ''): Promise<Uint8Array> {
    const sequence = ++this.sequence;
    const correlationId = Buffer.from(String(sequence));
    const answered = new Promise<Envelope>((resolve) => this.waiting.set(String(sequence), resolve));
    await this.socket.send(frameOf(kind, payload, { method, session: this.token, sequence, correlationId }));
    const answer = await answered;
    if (answer.status !== 0) throw new Error(Status.decode(answer.payload).message);
    return answer.payload;
  }

  private async read(): Promise<void> {
    for await (const frames of this.socket) for (const frame of frames) this.take(Envelope.decode(frame));
  }

  private take(envelope: Envelope): void {
    const id = envelope.correlationId.toString();
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    if (resolve === undefined) this.unasked(envelope);
    else resolve(envelope);
  }
}

/** A session with the router at the address that the program was given, or where `npm start` listens. */
export async function openSession(address = process.argv[2] ?? 'tcp://127.0.0.1:8890'): Promise<Session> {
  const session = new Session(address);
  await session.open();
  return session;
}
