import { setTimeout as sleep } from 'node:timers/promises';
import { Pull, type Context } from 'zeromq';
import type { Identity } from '../../auth/index.js';
import type { Project } from '../../domain/principal.js';
import { MarconiError } from '../../errors/marconi-error.js';
import { EnvelopeKind, PullPublish } from '../../gen/marconi/v1/envelope.js';
import type { PostMessagesRequest } from '../../gen/marconi/v1/messages.js';
import type { CallMetadata } from '../../tenancy/scope.js';
import type { Logger } from '../../telemetry/log.js';
import type { ZmqMetrics } from '../../telemetry/zmq-metrics.js';
import type { ServedMethod } from '../unary.js';
import { BoundSocket } from './bound-socket.js';
import { readEnvelope, readPayload, type Incoming } from './envelope.js';
import { PULL_WINDOW, pullOptions } from './limits.js';
import { PullCall } from './pull-call.js';
import type { Receipts } from './receipts.js';
import type { CurveServerOptions } from './socket-security.js';
import { watchHandshakes } from './watch.js';

/** What a PULL endpoint is made of. */
export interface PullParts {
  /** How it is called in logs and metrics. */
  readonly name: string;
  readonly context: Context;
  readonly curve: CurveServerOptions;
  readonly maxMessageBytes: number;
  /** The queues that it takes posts for; none: all. */
  readonly queues: readonly string[];
  /** Whose a post is. */
  identify(metadata: CallMetadata): Identity;
  /** PostMessages. */
  readonly post: ServedMethod;
  readonly receipts: Receipts;
  readonly metrics: ZmqMetrics;
  readonly log: Logger;
}

const POLL_MS = 10;

/**
 * Takes posts over PULL, acknowledged by receipts that go over the router. It reads only while few posts are under way,
 * so that producers are held back rather than refused.
 */
export class PullIntake {
  private readonly bound: BoundSocket<Pull>;
  private readonly queues: ReadonlySet<string>;
  private posts = 0;
  private bytes = 0;
  private isDraining = false;
  private onRoom: () => void = () => undefined;

  constructor(private readonly parts: PullParts) {
    this.queues = new Set(parts.queues);
    this.bound = new BoundSocket({ open: () => this.open(), serve: (socket) => void this.read(socket) });
  }

  /** Listens, and gives the address that it got. */
  start(listen: string): Promise<string> {
    return this.bound.start(listen);
  }

  /** Ends every connection; those who may come again do so by themselves. What was not answered they send again. */
  reopen(): Promise<void> {
    return this.bound.reopen();
  }

  /** Reads no more; resolves when what was read is answered, or time is up. */
  async drain(graceMs: number): Promise<void> {
    this.isDraining = true;
    const end = performance.now() + graceMs;
    while (this.posts > 0 && performance.now() < end) await sleep(POLL_MS);
  }

  stop(): void {
    this.bound.stop();
  }

  private open(): Pull {
    const { context, curve, maxMessageBytes, metrics, name } = this.parts;
    const socket = new Pull({ context, ...pullOptions(maxMessageBytes), ...curve });
    void watchHandshakes(socket, (cause) => metrics.connectionRefused(name, cause));
    return socket;
  }

  private async read(socket: Pull): Promise<void> {
    try {
      while (!this.isDraining) {
        const [frame, ...more] = await socket.receive();
        if (frame === undefined || more.length > 0) this.parts.metrics.frameRefused(this.parts.name, 'frames');
        else this.take(frame);
        if (this.isFull) await new Promise<void>((resolve) => (this.onRoom = resolve));
      }
    } catch (error) {
      if (!socket.closed) throw error;
    }
  }

  private get isFull(): boolean {
    return this.posts >= PULL_WINDOW.posts || this.bytes >= PULL_WINDOW.bytes;
  }

  /** What cannot be answered, because it names no producer, is thrown away and counted. */
  private take(frame: Buffer): void {
    const { metrics, name, log } = this.parts;
    try {
      const incoming = readEnvelope(frame);
      this.serve(incoming, readPublish(incoming), frame.length);
    } catch (thrown) {
      const error = MarconiError.from(thrown);
      if (error.reason === 'INTERNAL') log.error({ err: error.cause }, 'a frame could not be served');
      metrics.frameRefused(name, error.reason.toLowerCase());
    }
  }

  private serve(incoming: Incoming, post: PostMessagesRequest, bytes: number): void {
    const identity = this.parts.identify(incoming.metadata);
    const { project } = identity.scope;
    this.posts += 1;
    this.bytes += bytes;
    const call = new PullCall(incoming, post, identity, (receipt) => {
      this.posts -= 1;
      this.bytes -= bytes;
      this.onRoom();
      this.deliver(project, post.producerId ?? '', receipt);
    });
    if (this.queues.size === 0 || this.queues.has(post.queue)) this.parts.post.serve(call);
    else call.refuse(new MarconiError('PERMISSION_DENIED', 'This endpoint takes no posts for that queue.'));
  }

  private deliver(project: Project, producer: string, receipt: Uint8Array): void {
    const { receipts, metrics } = this.parts;
    if (!receipts.deliver(project, producer, receipt)) metrics.answersDropped('unclaimed', 1);
  }
}

/** The post in an envelope, with the producer key that its receipt needs. Throws INVALID_REQUEST. */
function readPublish({ envelope }: Incoming): PostMessagesRequest {
  if (envelope.kind !== EnvelopeKind.ENVELOPE_KIND_PULL_PUBLISH) {
    throw MarconiError.invalidField('kind', `expected a post; came ${envelope.kind}`);
  }
  const { post } = readPayload(PullPublish, 'PullPublish', envelope.payload);
  if (post?.producerId === undefined || post.producerSequence === undefined) {
    throw MarconiError.invalidField('post', 'expected one with producer_id and producer_sequence');
  }
  return post;
}
