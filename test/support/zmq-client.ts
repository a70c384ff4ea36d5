import { EventEmitter, once } from 'node:events';
import nacl from 'tweetnacl';
import { Dealer, type MessageLike } from 'zeromq';
import { decodeKey } from '../../src/auth/curve/z85.js';
import type { KeyPairText } from '../../src/auth/curve/key-pair.js';
import { Status } from '../../src/gen/google/rpc/status.js';
import {
  Envelope,
  EnvelopeKind as Kind,
  PullReceipt,
  ReceiptSubscribe,
  SessionChallenge,
  SessionGranted,
  SessionOpen,
  SessionProof,
} from '../../src/gen/marconi/v1/envelope.js';
import { DISPATCH, type MethodName, type RequestOf, type ResponseOf } from '../../src/transport/dispatch.js';
import { rpcRefusalOf, type Refusal } from './rpc-refusal.js';

/** The keys of a client, and the server's public one, in Z85. */
export interface ClientCurve extends KeyPairText {
  readonly serverKey: string;
}

/** How a client connects. */
export interface ConnectOptions {
  readonly curve?: ClientCurve;
  readonly routingId?: string;
  /** Messages that libzmq reads ahead; few: a client that is soon behind. */
  readonly readAhead?: number;
}

/** What a call may be given beside its request. */
export interface ZmqCallOptions {
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  readonly deadlineMs?: number;
}

const TIMEOUT_MS = 15_000;

/** An answer that is an error. */
export class ZmqError extends Error {
  constructor(readonly status: Status) {
    super(status.message);
  }

  get refusal(): Refusal {
    return rpcRefusalOf(this.status);
  }
}

/** A client of the router, written after `docs/protocol-zmq.md`. */
export class ZmqClient {
  readonly socket: Dealer;
  /** Receipts that came, in order. */
  readonly receipts: PullReceipt[] = [];
  /** True once it was closed: nothing is answered any more. */
  closed: true | null = null;
  session: Buffer = Buffer.alloc(0);
  sequence = 0n;
  private correlation = 0;
  private isStalled = false;
  private sending: Promise<void> = Promise.resolve();
  private readonly ended = new AbortController();
  private readonly answers = new EventEmitter().setMaxListeners(0);

  constructor(
    address: string,
    private readonly options: ConnectOptions = {},
  ) {
    const { curve, routingId, readAhead = 1_000 } = options;
    const keys =
      curve === undefined
        ? {}
        : { curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey, curveServerKey: curve.serverKey };
    this.socket = new Dealer({
      linger: 0,
      receiveHighWaterMark: readAhead,
      ...keys,
      ...(routingId === undefined ? {} : { routingId }),
    });
    this.socket.connect(address);
    void this.read();
  }

  /** Begins a session, with the proof where one is asked for. */
  async open(): Promise<SessionGranted> {
    const { curve } = this.options;
    const publicKey = curve === undefined ? Buffer.alloc(0) : decodeKey(curve.publicKey)!;
    const first = await this.ask(Kind.ENVELOPE_KIND_SESSION_OPEN, SessionOpen.encode({ publicKey }).finish());
    const last =
      first.kind === Kind.ENVELOPE_KIND_SESSION_CHALLENGE
        ? await this.ask(
            Kind.ENVELOPE_KIND_SESSION_PROOF,
            SessionProof.encode(solve(SessionChallenge.decode(first.payload), curve!)).finish(),
          )
        : first;
    const granted = SessionGranted.decode(last.payload);
    this.session = granted.token;
    this.sequence = 0n;
    return granted;
  }

  /** Calls a method. Rejects with ZmqError. */
  async call<M extends MethodName>(
    method: M,
    request: Partial<RequestOf<M>> = {},
    { metadata = {}, deadlineMs = 0 }: ZmqCallOptions = {},
  ): Promise<ResponseOf<M>> {
    const { requestCodec, responseCodec } = DISPATCH[method];
    const bytes = (requestCodec as unknown as { encode(value: unknown): { finish(): Uint8Array } })
      .encode((requestCodec as unknown as { fromPartial(value: unknown): unknown }).fromPartial(request))
      .finish();
    const { payload } = await this.ask(Kind.ENVELOPE_KIND_REQUEST, bytes, {
      method,
      deadlineMs,
      metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value)])),
    });
    return responseCodec.decode(payload) as ResponseOf<M>;
  }

  /** Asks for the receipts of a producer. */
  async subscribe(producerId: string, metadata: Record<string, Buffer> = {}): Promise<void> {
    const payload = ReceiptSubscribe.encode({ producerId }).finish();
    await this.ask(Kind.ENVELOPE_KIND_RECEIPT_SUBSCRIBE, payload, { metadata });
  }

  /** Sends an envelope of this session and gives the answer. Rejects with ZmqError when it is an error. */
  async ask(kind: Kind, payload: Uint8Array, more: Partial<Envelope> = {}): Promise<Envelope> {
    const id = String(++this.correlation);
    const sequence = ++this.sequence;
    const envelope = { version: 1, kind, session: this.session, sequence, correlationId: Buffer.from(id) };
    return this.exchange(id, envelopeBytes({ ...envelope, payload: Buffer.from(payload), ...more }));
  }

  /** Sends bytes as they are and waits for the answer with a correlation id. */
  async exchange(id: string, frame: Uint8Array): Promise<Envelope> {
    const signal = AbortSignal.any([this.ended.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answered = once(this.answers, id, { signal });
    answered.catch(() => undefined);
    await this.send(frame);
    const [answer] = (await answered) as [Envelope];
    if (answer.kind === Kind.ENVELOPE_KIND_ERROR) throw new ZmqError(Status.decode(answer.payload));
    return answer;
  }

  /** Sends frames as they are, in turn: a socket bears one `send` at a time. */
  send(frames: MessageLike | MessageLike[]): Promise<void> {
    const sent = this.sending.then(() => this.socket.send(frames));
    this.sending = sent.catch(() => undefined);
    return sent;
  }

  /** Reads nothing any more. */
  stall(): void {
    this.isStalled = true;
  }

  /** Ends it; calls under way are rejected. */
  close(): void {
    this.closed = true;
    this.ended.abort();
    this.socket.close();
  }

  private async read(): Promise<void> {
    try {
      while (!this.isStalled) for (const frame of await this.socket.receive()) this.take(Envelope.decode(frame));
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }

  /** What is done with each envelope that comes. */
  take: (envelope: Envelope) => void = (envelope) => {
    if (envelope.kind === Kind.ENVELOPE_KIND_PULL_RECEIPT) this.receipts.push(PullReceipt.decode(envelope.payload));
    else this.answers.emit(envelope.correlationId.toString(), envelope);
  };

  /** Resolves when the connection ends; to be called before it does. */
  waitForDisconnect(): Promise<void> {
    const { events } = this.socket;
    return new Promise((resolve) => {
      void (async () => {
        for await (const { type } of events) if (type === 'disconnect') resolve();
      })();
    });
  }
}

/** An envelope as bytes. */
export function envelopeBytes(envelope: Partial<Envelope>): Uint8Array {
  return Envelope.encode(Envelope.fromPartial(envelope as never)).finish();
}

/** A client with a session. */
export async function connectZmq(address: string, options: ConnectOptions = {}): Promise<ZmqClient> {
  const client = new ZmqClient(address, options);
  await client.open();
  return client;
}

/** The refusal that a call ends with; fails when it succeeds. */
export async function refusedZmq(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ZmqError) return error.refusal;
    throw error;
  }
  throw new Error('The call succeeded.');
}

function solve({ challengeId, nonce, box }: SessionChallenge, curve: ClientCurve): SessionProof {
  if (nonce.subarray(0, 8).toString() !== 'MarconiS') throw new Error('Not a nonce of a session.');
  const answer = nacl.box.open(box, nonce, decodeKey(curve.serverKey)!, decodeKey(curve.secretKey)!);
  if (answer === null) throw new Error('The box is not for this key.');
  return { challengeId, answer: Buffer.from(answer) };
}
