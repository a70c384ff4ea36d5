import { setTimeout as sleep } from 'node:timers/promises';
import { Router as RouterSocket, type Context } from 'zeromq';
import { assertRight, type GrantedRight, type Identity } from '../../auth/index.js';
import { MAX_PRODUCER_ID_BYTES } from '../../config/limits.js';
import { MarconiError } from '../../errors/marconi-error.js';
import {
  EnvelopeKind,
  ReceiptSubscribe,
  ReceiptSubscribed,
  SessionChallenge,
  SessionGranted,
  SessionOpen,
  SessionProof,
  TopicGranted,
  TopicOpen,
  WorkerCredit,
  WorkerCreditGranted,
} from '../../gen/marconi/v1/envelope.js';
import type { Logger } from '../../telemetry/log.js';
import type { ZmqMetrics } from '../../telemetry/zmq-metrics.js';
import type { ServedMethod } from '../unary.js';
import { TOO_MUCH_WAITS, ZmqCall } from './call.js';
import { answerFrame, errorFrame, readEnvelope, readPayload, unimplementedFrame, type Incoming } from './envelope.js';
import type { Gatekeeper } from './gatekeeper.js';
import { MAX_CALLS, MAX_CALLS_PER_SESSION, routerOptions } from './limits.js';
import { noSuchPush, type PushFeed } from './push-feed.js';
import { Receipts } from './receipts.js';
import type { Session } from './session.js';
import type { CurveServerOptions } from './socket-security.js';
import type { TopicDesk } from './topic-desk.js';
import { watchHandshakes } from './watch.js';
import { Writer, type AnswerSocket } from './writer.js';

/** What a router is made of. */
export interface RouterParts {
  readonly context: Context;
  readonly curve: CurveServerOptions;
  readonly maxMessageBytes: number;
  readonly gatekeeper: Gatekeeper;
  /** By the method's name in the dispatch table. */
  readonly methods: ReadonlyMap<string, ServedMethod>;
  /** PUSH endpoints by name. */
  readonly pushes: ReadonlyMap<string, Pick<PushFeed, 'credit'>>;
  readonly topics: TopicDesk;
  readonly metrics: ZmqMetrics;
  readonly log: Logger;
}

/** How the router is called in logs and metrics. */
export const ROUTER_NAME = 'router';

const NO_BYTES = Buffer.alloc(0);
/** Of libzmq: what a socket is ready for. Asking makes it look what its own threads have told it. */
const ZMQ_EVENTS = 15;
const POLL_MS = 10;
/** What libzmq has taken is on its way within moments; closing would throw it away. */
const FLUSH_MS = 50;

class AnswerRouter extends RouterSocket implements AnswerSocket {
  catchUp(): void {
    this.getInt32Option(ZMQ_EVENTS);
  }
}

/** Serves every unary method over ROUTER. What comes in is never trusted, and never fatal. */
export class Router {
  readonly receipts: Receipts;
  private readonly socket: AnswerRouter;
  private readonly writer: Writer;
  private underWay = 0;

  constructor(private readonly parts: RouterParts) {
    const { context, curve, maxMessageBytes, metrics } = parts;
    this.socket = new AnswerRouter({ context, ...routerOptions(maxMessageBytes), ...curve });
    this.writer = new Writer(this.socket, (cause, _to, count) => metrics.answersDropped(cause, count));
    this.receipts = new Receipts((to, frame) => this.writer.send(to, frame));
  }

  /** Listens, and gives the address that it got. */
  async start(listen: string): Promise<string> {
    void watchHandshakes(this.socket, (cause) => this.parts.metrics.connectionRefused(ROUTER_NAME, cause));
    await this.socket.bind(listen);
    void this.read();
    return this.socket.lastEndpoint ?? listen;
  }

  /** A session is over. */
  forget(session: Session): void {
    this.receipts.forget(session);
  }

  /** Resolves when what is under way is answered and sent, or time is up. */
  async drain(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    while ((this.underWay > 0 || !this.writer.isIdle) && performance.now() < end) await sleep(POLL_MS);
    await sleep(FLUSH_MS);
  }

  stop(): void {
    this.writer.stop();
    this.socket.close();
  }

  private async read(): Promise<void> {
    try {
      for (;;) this.take(await this.socket.receive());
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }

  private take([from, frame, ...more]: readonly Buffer[]): void {
    if (from === undefined || frame === undefined || more.length > 0) {
      this.parts.metrics.frameRefused(ROUTER_NAME, 'frames');
      return;
    }
    let correlationId: Buffer = NO_BYTES;
    try {
      checkRoutingId(from);
      const incoming = readEnvelope(frame);
      ({ correlationId } = incoming.envelope);
      this.serve(from, incoming);
    } catch (thrown) {
      this.refuse(from, correlationId, MarconiError.from(thrown));
    }
  }

  private refuse(from: Buffer, correlationId: Buffer, error: MarconiError): void {
    if (error.reason === 'INTERNAL') this.parts.log.error({ err: error.cause }, 'a frame could not be served');
    this.parts.metrics.frameRefused(ROUTER_NAME, error.metadata['fault'] ?? error.reason.toLowerCase());
    this.writer.send(from, errorFrame(correlationId, error));
  }

  private serve(from: Buffer, incoming: Incoming): void {
    const { envelope } = incoming;
    switch (envelope.kind) {
      case EnvelopeKind.ENVELOPE_KIND_REQUEST:
        return this.call(from, incoming);
      case EnvelopeKind.ENVELOPE_KIND_SESSION_OPEN:
        return this.open(from, incoming);
      case EnvelopeKind.ENVELOPE_KIND_SESSION_PROOF:
        return this.prove(from, incoming);
      case EnvelopeKind.ENVELOPE_KIND_RECEIPT_SUBSCRIBE:
        return this.subscribe(from, incoming);
      case EnvelopeKind.ENVELOPE_KIND_WORKER_CREDIT:
        return this.credit(from, incoming);
      case EnvelopeKind.ENVELOPE_KIND_TOPIC_OPEN:
        return this.openTopic(from, incoming);
      default:
        throw MarconiError.invalidField('kind', `expected what a client sends to a router; came ${envelope.kind}`);
    }
  }

  private call(from: Buffer, incoming: Incoming): void {
    const { gatekeeper, methods } = this.parts;
    const { method, session: token, sequence, correlationId } = incoming.envelope;
    const session = gatekeeper.enter(token, sequence);
    const served = methods.get(method);
    if (served === undefined) return this.writer.send(from, unimplementedFrame(correlationId));
    if (this.underWay >= MAX_CALLS || session.calls >= MAX_CALLS_PER_SESSION) throw served.overloaded;
    // What cannot be told is not begun.
    if (this.writer.isFull(from)) throw TOO_MUCH_WAITS;
    this.underWay += 1;
    session.calls += 1;
    const call = new ZmqCall(incoming, {
      identify: () => gatekeeper.identify(session, incoming.metadata),
      send: (frame, instead) => this.writer.send(from, frame, instead),
      done: () => {
        this.underWay -= 1;
        session.calls -= 1;
      },
    });
    served.serve(call);
  }

  private open(from: Buffer, { envelope }: Incoming): void {
    const opening = this.parts.gatekeeper.open(readPayload(SessionOpen, 'SessionOpen', envelope.payload));
    if (opening.kind === 'granted') return this.grant(from, envelope.correlationId, opening.granted);
    const { id, nonce, box } = opening.challenge;
    const payload = SessionChallenge.encode({ challengeId: id, nonce, box }).finish();
    this.answer(from, EnvelopeKind.ENVELOPE_KIND_SESSION_CHALLENGE, envelope.correlationId, payload);
  }

  private prove(from: Buffer, { envelope }: Incoming): void {
    const proof = readPayload(SessionProof, 'SessionProof', envelope.payload);
    this.grant(from, envelope.correlationId, this.parts.gatekeeper.prove(proof));
  }

  private grant(to: Buffer, correlationId: Buffer, granted: SessionGranted): void {
    const payload = SessionGranted.encode(granted).finish();
    this.answer(to, EnvelopeKind.ENVELOPE_KIND_SESSION_GRANTED, correlationId, payload);
  }

  /** Who sent an envelope that asks for something beside a call, with the right that it needs. */
  private entered(
    { envelope, metadata }: Incoming,
    right: GrantedRight,
  ): { readonly session: Session; readonly identity: Identity } {
    const { gatekeeper } = this.parts;
    const session = gatekeeper.enter(envelope.session, envelope.sequence);
    const identity = gatekeeper.identify(session, metadata);
    assertRight(identity.principal, right);
    return { session, identity };
  }

  private subscribe(from: Buffer, incoming: Incoming): void {
    const { session, identity } = this.entered(incoming, 'post');
    const { envelope } = incoming;
    const { producerId } = readPayload(ReceiptSubscribe, 'ReceiptSubscribe', envelope.payload);
    const bytes = Buffer.byteLength(producerId);
    if (bytes < 1 || bytes > MAX_PRODUCER_ID_BYTES) {
      throw MarconiError.invalidField('producer_id', `expected 1 to ${MAX_PRODUCER_ID_BYTES} bytes; came ${bytes}`);
    }
    this.receipts.subscribe(identity.scope.project, producerId, from, session);
    const payload = ReceiptSubscribed.encode({}).finish();
    this.answer(from, EnvelopeKind.ENVELOPE_KIND_RESPONSE, envelope.correlationId, payload);
  }

  private credit(from: Buffer, incoming: Incoming): void {
    const { session, identity } = this.entered(incoming, 'consume');
    const { envelope } = incoming;
    const request = readPayload(WorkerCredit, 'WorkerCredit', envelope.payload);
    const push = this.parts.pushes.get(request.endpoint === '' ? 'push' : request.endpoint);
    if (push === undefined) throw noSuchPush();
    const payload = WorkerCreditGranted.encode(push.credit(session, identity, request)).finish();
    this.answer(from, EnvelopeKind.ENVELOPE_KIND_RESPONSE, envelope.correlationId, payload);
  }

  private openTopic(from: Buffer, incoming: Incoming): void {
    const { identity } = this.entered(incoming, 'read');
    const { correlationId, payload } = incoming.envelope;
    const request = readPayload(TopicOpen, 'TopicOpen', payload);
    if (this.underWay >= MAX_CALLS) throw new MarconiError('OVERLOADED', 'Too many calls are under way.');
    this.underWay += 1;
    this.parts.topics
      .open(identity, request)
      .then((granted) => {
        const bytes = TopicGranted.encode(granted).finish();
        this.answer(from, EnvelopeKind.ENVELOPE_KIND_RESPONSE, correlationId, bytes);
      })
      .catch((thrown: unknown) => this.refuse(from, correlationId, MarconiError.from(thrown)))
      .finally(() => (this.underWay -= 1));
  }

  private answer(to: Buffer, kind: EnvelopeKind, correlationId: Buffer, payload: Uint8Array): void {
    this.writer.send(to, answerFrame(kind, correlationId, payload));
  }
}

/**
 * libzmq begins the ids that it gives with a zero. A client that writes its handshake by hand may do so too, which cannot
 * be told here; what it would gain by it, it has to guess (`routing-ids.ts`).
 */
function checkRoutingId(from: Buffer): void {
  if (from[0] === 0) return;
  throw MarconiError.invalidField('routing_id', 'expected the one that the socket has by itself; leave it unset');
}
