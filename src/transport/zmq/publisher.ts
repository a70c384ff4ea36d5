import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'zeromq';
import type { Delivery } from '../../engine/api.js';
import type { Logger } from '../../telemetry/log.js';
import type { ZmqMetrics } from '../../telemetry/zmq-metrics.js';
import { Audience } from './audience.js';
import { BoundSocket } from './bound-socket.js';
import { NEWCOMERS_MS, PUBLICATION } from './limits.js';
import { ManualPublisher } from './manual-publisher.js';
import { Outbox } from './outbox.js';
import { Newsfeed } from './newsfeed.js';
import type { CurveServerOptions } from './socket-security.js';
import { SubscriptionReader } from './subscriptions.js';
import type { Topic, TopicQueue } from './topics.js';
import { watchHandshakes } from './watch.js';

/** What a PUB endpoint is made of. */
export interface PublisherParts {
  /** How it is called in logs and metrics. */
  readonly name: string;
  readonly context: Context;
  readonly curve: CurveServerOptions;
  /** The topic, if it is one that may be heard at this endpoint. */
  read(topic: Buffer): Topic | null;
  readonly delivery: Pick<Delivery, 'follow'>;
  /** Silence after which subscribers are told where their queue is. */
  readonly silenceMs: number;
  /** How long a queue is still followed when its last subscriber is gone. */
  readonly lingerMs: number;
  /** Seconds since 1970. */
  now(): number;
  readonly metrics: ZmqMetrics;
  readonly log: Logger;
}

const NOBODY = { strategy: 'none', roles: [] } as const;
/** From now on and whole: many subscribers share what is published. */
const FOLLOWING = {
  from: { kind: 'now' },
  caller: null,
  echo: true,
  includeClaimed: true,
  limit: PUBLICATION.messages,
  maxBytes: PUBLICATION.bytes,
} as const;
/** What libzmq has taken is on its way within moments; closing would throw it away. */
const FLUSH_MS = 50;

/** Publishes what comes into queues over XPUB, to those who know a topic of theirs. */
export class Publisher {
  private readonly socket: BoundSocket<ManualPublisher>;
  private readonly outbox: Outbox;
  private readonly audience: Audience;
  /** Topics with somebody new, who has not been told where the queue is. */
  private readonly newcomers = new Map<string, Buffer>();
  private newcomersTimer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: PublisherParts) {
    this.socket = new BoundSocket({ open: () => this.open(), serve: (socket) => this.serve(socket) });
    this.outbox = new Outbox(() => this.socket.current);
    this.audience = new Audience({
      read: (topic) => parts.read(topic),
      now: () => parts.now(),
      lingerMs: parts.lingerMs,
      openFeed: (queue, listeners) => this.openFeed(queue, listeners),
    });
  }

  /** Queues that are followed. */
  get followed(): number {
    return this.audience.followed;
  }

  /** Listens, and gives the address that it got. */
  start(listen: string): Promise<string> {
    return this.socket.start(listen);
  }

  /** Ends every connection; subscribers come again by themselves, and see what they missed. */
  reopen(): Promise<void> {
    return this.socket.reopen();
  }

  /** Publishes no more. What it did not get to, subscribers list where they connect next. */
  async drain(): Promise<void> {
    this.audience.end();
    await sleep(FLUSH_MS);
  }

  stop(): void {
    clearTimeout(this.newcomersTimer);
    this.audience.end();
    this.socket.stop();
  }

  private open(): ManualPublisher {
    const { context, curve, metrics, name } = this.parts;
    const socket = new ManualPublisher(context, curve);
    void watchHandshakes(socket, (cause) => metrics.connectionRefused(name, cause));
    return socket;
  }

  private serve(socket: ManualPublisher): void {
    const { metrics, name, log } = this.parts;
    this.audience.leaveAll();
    const reader = new SubscriptionReader(socket, {
      knows: (topic) => this.parts.read(topic) !== null,
      enter: (topic) => this.audience.enter(topic),
      leave: (topic) => this.audience.leave(topic),
      admitted: (topic) => this.welcome(topic),
      refused: (cause) => metrics.frameRefused(name, cause),
    });
    void reader.read().then(async (mustReopen) => {
      if (!mustReopen) return;
      log.warn({ endpoint: name }, 'subscribers that do not keep to the protocol: all connections begin anew');
      await this.reopen();
    });
  }

  private openFeed({ project, queue }: TopicQueue, listeners: () => readonly Buffer[]): Newsfeed {
    const { delivery, silenceMs, log, name } = this.parts;
    return new Newsfeed({
      silenceMs,
      publish: (frame) => this.outbox.send(listeners(), frame),
      troubled: ({ cause }) =>
        log.error({ err: cause, endpoint: name }, 'a queue could not be published and is tried again'),
      isHeard: () => listeners().length > 0,
      follow: (signal) => delivery.follow({ principal: NOBODY, scope: { project }, signal }, queue, FOLLOWING),
    });
  }

  /** Those who come at about the same time are told at once, since all hear it. */
  private welcome(topic: Buffer): void {
    this.newcomers.set(topic.toString('latin1'), topic);
    this.newcomersTimer ??= setTimeout(() => this.tellNewcomers(), NEWCOMERS_MS);
  }

  private tellNewcomers(): void {
    this.newcomersTimer = undefined;
    for (const topic of this.newcomers.values()) {
      const frame = this.audience.whereabouts(topic);
      if (frame !== null) void this.outbox.send([topic], frame);
    }
    this.newcomers.clear();
  }
}
