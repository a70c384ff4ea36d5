import type { Identity } from '../../auth/index.js';
import { STREAM_PORTION_BYTES, type Limits } from '../../config/limits.js';
import type { Project } from '../../domain/principal.js';
import type { Delivery as Streams, Feed } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { Claim } from '../../gen/marconi/v1/claims.js';
import {
  EnvelopeKind,
  PushDelivery,
  type WorkerCredit,
  type WorkerCreditGranted,
} from '../../gen/marconi/v1/envelope.js';
import type { Logger } from '../../telemetry/log.js';
import type { ZmqMetrics } from '../../telemetry/zmq-metrics.js';
import { encodeClaim } from '../encode.js';
import { checkWorkerCredit } from '../validate/workers.js';
import type { Endpoint } from './endpoints.js';
import { answerFrame } from './envelope.js';
import { WORKER_HEARTBEAT_MS, WORKER_SILENT_HEARTBEATS } from './limits.js';
import { PushSender, type Delivery, type PushSenderParts } from './push-sender.js';
import type { Session } from './session.js';
import { Workers } from './workers.js';

/** What a PUSH endpoint is made of. */
export interface PushParts extends PushSenderParts {
  readonly endpoint: Endpoint;
  readonly streams: Pick<Streams, 'feed'>;
  readonly limits: Limits;
  readonly metrics: ZmqMetrics;
  readonly log: Logger;
}

/** What the workers of an endpoint have in common, as any of them may get any delivery. */
interface Crew {
  readonly project: Project;
  /** In byte order. */
  readonly queues: readonly string[];
  readonly feed: Feed;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Hands claimed messages to the workers of one PUSH endpoint, as many as they bear together. What they bear they tell
 * over the router, again and again; what they acknowledge, there or anywhere at this node, makes room.
 */
export class PushFeed {
  private readonly workers = new Workers(WORKER_HEARTBEAT_MS * WORKER_SILENT_HEARTBEATS);
  private readonly sender: PushSender;
  private crew: Crew | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isDraining = false;
  /** Feeds that are ending. */
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly parts: PushParts) {
    this.sender = new PushSender(parts, {
      full: () => this.crew?.feed.hold(),
      ready: () => this.crew?.feed.resume(),
    });
  }

  /** Listens, and gives the address that it got. */
  start(listen: string): Promise<string> {
    this.timer = setInterval(() => {
      this.workers.forgetSilent(performance.now());
      this.allow();
    }, WORKER_HEARTBEAT_MS).unref();
    return this.sender.start(listen);
  }

  /** Ends every connection; workers that may come again do so by themselves. What they had not read ends by its ttl. */
  reopen(): Promise<void> {
    return this.sender.reopen();
  }

  get size(): number {
    return this.workers.size;
  }

  /**
   * A worker with the right to consume says what it bears. Throws INVALID_REQUEST, INVALID_QUEUE_NAME, PERMISSION_DENIED (not for this project or
   * these queues, or not now), OVERLOADED, DRAINING.
   */
  credit({ token }: Session, identity: Identity, request: WorkerCredit): WorkerCreditGranted {
    checkWorkerCredit(request, this.parts.limits);
    const id = token.toString('latin1');
    if (request.messages === 0) {
      this.workers.leave(id);
    } else {
      if (this.isDraining) throw new MarconiError('DRAINING', 'The node is shutting down and feeds no workers.');
      this.join(identity, this.queuesOf(request));
      this.workers.announce(id, { messages: request.messages, batch: Math.max(1, request.batch) }, performance.now());
    }
    this.allow();
    const { ttl } = this.parts.endpoint;
    return {
      heartbeat: { seconds: BigInt(WORKER_HEARTBEAT_MS / 1000), nanos: 0 },
      claimTtl: { seconds: BigInt(ttl), nanos: 0 },
    };
  }

  /** A session is over, and with it its worker. */
  forget({ token }: Session): void {
    this.workers.leave(token.toString('latin1'));
    this.allow();
  }

  /** Claims no more and gives back what was not handed over. */
  async drain(): Promise<void> {
    this.isDraining = true;
    this.dismiss();
    await Promise.all(this.ending);
  }

  stop(): void {
    clearInterval(this.timer);
    this.sender.stop();
  }

  private allow(): void {
    const { messages, batch } = this.workers.share;
    this.crew?.feed.allow(messages, batch);
  }

  /** The queues that a worker is for, in byte order. */
  private queuesOf({ queues }: WorkerCredit): readonly string[] {
    const own = [...this.parts.endpoint.queues].sort();
    const named = [...queues].sort();
    if (own.length === 0 && named.length === 0) {
      throw MarconiError.invalidField('queues', 'expected at least one, as the endpoint names none; came none');
    }
    if (named.length === 0) return own;
    if (own.length > 0 && !isSame(own, named)) {
      throw MarconiError.invalidField('queues', `expected none, or those of the endpoint: ${own.join(', ')}`);
    }
    return named;
  }

  /** Makes the worker one of the crew; the first one after all have gone may begin another. */
  private join({ principal, scope }: Identity, queues: readonly string[]): void {
    const { endpoint, streams, log, name } = this.parts;
    const { project } = scope;
    if (!endpoint.isShared && project !== endpoint.project) {
      throw noSuchPush();
    }
    const { crew } = this;
    if (crew !== null && crew.project === project && isSame(crew.queues, queues)) return;
    if (crew !== null && this.workers.size > 0) {
      throw new MarconiError(
        'PERMISSION_DENIED',
        'Workers of another project or other queues are at this endpoint: all of an endpoint serve the same.',
      );
    }
    this.dismiss();
    const { ttl, grace } = endpoint;
    const options = { ttl, grace, maxBytes: STREAM_PORTION_BYTES };
    const feed: Feed = streams.feed({ principal, scope }, queues, options, {
      claimed: (queue, claim, now) => this.sender.send(deliveryOf(feed, queue, encodeClaim(claim, now))),
      troubled: (queue, { reason }) => log.warn({ endpoint: name, queue, reason }, 'a queue cannot be claimed from'),
      draining: () => void this.drain(),
    });
    this.crew = { project, queues, feed };
  }

  /** Ends the feed; its claims are left to their ttl. */
  private dismiss(): void {
    if (this.crew === null) return;
    this.sender.giveUp();
    const ending: Promise<void> = this.crew.feed.end().finally(() => this.ending.delete(ending));
    this.ending.add(ending);
    this.crew = null;
  }
}

function deliveryOf(feed: Feed, queue: string, claim: Claim): Delivery {
  const payload = PushDelivery.encode({ queue, claim }).finish();
  return {
    frame: answerFrame(EnvelopeKind.ENVELOPE_KIND_PUSH_DELIVERY, NO_BYTES, payload),
    giveBack: () => void feed.release(queue, claim.id),
  };
}

/** An endpoint of another project is not told from none. */
export function noSuchPush(): MarconiError {
  return new MarconiError('PERMISSION_DENIED', 'No such endpoint serves this project.');
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((queue, at) => queue === other[at]);
