import { Context } from 'zeromq';
import { STREAM_SILENCE_MS } from '../../config/limits.js';
import { authStrategy } from '../../auth/index.js';
import { readSecretKey, type KeyPair } from '../../auth/curve/index.js';
import type { Settings } from '../../config/settings.js';
import type { Engine } from '../../engine/api.js';
import { callMetrics } from '../../telemetry/calls.js';
import type { Logger } from '../../telemetry/log.js';
import { zmqMetrics, type ZmqMetrics } from '../../telemetry/zmq-metrics.js';
import { rowOf, UNARY_METHODS } from '../dispatch.js';
import { allHandlers } from '../handlers/all.js';
import type { InFlightByClass } from '../in-flight.js';
import { servedMethod, type ServedMethod } from '../unary.js';
import { Admissions } from './admissions.js';
import { Gatekeeper } from './gatekeeper.js';
import { endpointsOf, identityAt, publishes, type Endpoint } from './endpoints.js';
import { DRAIN_GRACE_MS, SUBSCRIBER_LINGER_MS } from './limits.js';
import { Publisher } from './publisher.js';
import { PullIntake } from './pull-intake.js';
import { PushFeed } from './push-feed.js';
import { Router, ROUTER_NAME } from './router.js';
import { seedRoutingIds } from './routing-ids.js';
import { Sessions } from './session.js';
import { curveServer } from './socket-security.js';
import { TopicDesk } from './topic-desk.js';
import { topicKey, Topics } from './topics.js';
import { ZapHandler } from './zap.js';

/** The settings that the door reads. */
export type ZmqServerSettings = Pick<Settings, 'zmq' | 'auth' | 'limits'>;

/** What the door is given. */
export interface ZmqServerDeps {
  readonly log: Logger;
  /** The version of Marconi, told by GetStatus. */
  readonly version: string;
  /** Bounds on calls in flight, shared with other doors. */
  readonly inFlight: InFlightByClass;
}

/** Where the door listens, by the names of its sockets: `router`, `pull`, and the domains of endpoints. */
export type ZmqAddresses = Readonly<Record<string, string>>;

/** The methods of the contract, served through this door. */
function servedMethods(
  engine: Engine,
  settings: ZmqServerSettings,
  { inFlight, log, version }: ZmqServerDeps,
): ReadonlyMap<string, ServedMethod> {
  const handlers = allHandlers(engine, settings.limits, version);
  const parts = { system: 'zeromq', inFlight, metrics: callMetrics('zmq'), log };
  const offered = UNARY_METHODS.filter((method) => rowOf(method).doors.includes('zmq'));
  return new Map(offered.map((method) => [method as string, servedMethod(parts, method, handlers[method])]));
}

const nowSeconds = (): number => Date.now() / 1000;

/**
 * The ZeroMQ door: a router, and endpoints whose clients need it: for receipts (PULL), credit (PUSH) and topics (PUB).
 */
export class ZmqServer {
  private readonly context = new Context();
  private readonly metrics: ZmqMetrics;
  private readonly sessions: Sessions;
  private readonly methods: ReadonlyMap<string, ServedMethod>;
  private readonly serverKey: KeyPair | null;
  private readonly admissions: Admissions;
  private readonly topics: Topics;
  private readonly pulls: PullIntake[] = [];
  private readonly pushes = new Map<string, PushFeed>();
  private readonly publishers: Publisher[] = [];
  private router: Router | undefined;
  private zap: ZapHandler | undefined;

  /** Throws when a key file cannot be used. */
  constructor(
    private readonly engine: Engine,
    private readonly settings: ZmqServerSettings,
    private readonly deps: ZmqServerDeps,
  ) {
    const { curve, sessionTtl } = settings.zmq;
    this.serverKey = curve === null ? null : readSecretKey(curve.secretKey);
    this.topics = new Topics(topicKey(this.serverKey), nowSeconds);
    this.admissions = new Admissions(curve, settings.zmq.endpoints, deps.log);
    this.sessions = new Sessions({
      ttlMs: sessionTtl * 1000,
      now: () => performance.now(),
      ended: (session) => {
        this.router?.forget(session);
        for (const push of this.pushes.values()) push.forget(session);
      },
    });
    this.metrics = zmqMetrics(
      () => this.sessions.size,
      () => [...this.pushes].map(([name, push]) => [name, push.size] as const),
    );
    this.methods = servedMethods(engine, settings, deps);
  }

  /** Listens. Fails with the address in the message; nothing listens then. */
  async start(): Promise<ZmqAddresses> {
    try {
      this.zap = await ZapHandler.start(this.context, this.admissions.domains, ({ domain, cause }) => {
        this.metrics.connectionRefused(domain, cause);
      });
      seedRoutingIds();
      const addresses: Record<string, string> = {};
      const router = (this.router = this.makeRouter());
      addresses[ROUTER_NAME] = await bound(this.settings.zmq.router, (listen) => router.start(listen));
      for (const endpoint of endpointsOf('pull', this.settings.zmq)) {
        const intake = this.makePull(endpoint, router);
        this.pulls.push(intake);
        addresses[endpoint.name] = await this.open(endpoint, intake);
      }
      for (const endpoint of endpointsOf('push', this.settings.zmq)) {
        const push = this.makePush(endpoint);
        this.pushes.set(endpoint.name, push);
        addresses[endpoint.name] = await this.open(endpoint, push);
      }
      for (const endpoint of endpointsOf('pub', this.settings.zmq)) {
        const publisher = this.makePublisher(endpoint);
        this.publishers.push(publisher);
        addresses[endpoint.name] = await this.open(endpoint, publisher);
      }
      return addresses;
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Takes no posts any more; resolves when what is under way is answered, or time is up. Beside `engine.drain`. */
  async drain(graceMs = DRAIN_GRACE_MS): Promise<void> {
    await Promise.all([
      ...[...this.pushes.values()].map((push) => push.drain()),
      ...this.pulls.map((pull) => pull.drain(graceMs)),
      ...this.publishers.map((publisher) => publisher.drain()),
    ]);
    await this.router?.drain(graceMs);
  }

  /** Closes all sockets at once. */
  stop(): void {
    this.admissions.stop();
    for (const pull of this.pulls) pull.stop();
    for (const push of this.pushes.values()) push.stop();
    for (const publisher of this.publishers) publisher.stop();
    this.router?.stop();
    this.zap?.stop();
  }

  private makeRouter(): Router {
    const { zmq, auth } = this.settings;
    const clients = this.admissions.shared;
    const gatekeeper = new Gatekeeper({
      sessions: this.sessions,
      auth: authStrategy(auth.strategy),
      curve: this.serverKey === null || clients === null ? null : { server: this.serverKey, clients },
      ttlSeconds: zmq.sessionTtl,
      now: () => performance.now(),
    });
    return new Router({
      context: this.context,
      curve: curveServer(this.serverKey, ROUTER_NAME),
      maxMessageBytes: zmq.maxMessageBytes,
      gatekeeper,
      methods: this.methods,
      pushes: this.pushes,
      topics: new TopicDesk(endpointsOf('pub', zmq), this.topics, this.engine.queues),
      metrics: this.metrics,
      log: this.deps.log,
    });
  }

  /** Opens an endpoint, and anew whenever other keys are admitted. */
  private open({ name, listen }: Endpoint, socket: PullIntake | PushFeed | Publisher): Promise<string> {
    this.admissions.onChange(name, () => socket.reopen());
    return bound(listen, (address) => socket.start(address));
  }

  private makePush(endpoint: Endpoint): PushFeed {
    const { log } = this.deps;
    return new PushFeed({
      name: endpoint.name,
      context: this.context,
      curve: curveServer(endpoint.isShared ? null : this.serverKey, endpoint.name),
      endpoint,
      streams: this.engine.delivery,
      limits: this.settings.limits,
      metrics: this.metrics,
      log,
    });
  }

  private makePull(endpoint: Endpoint, router: Router): PullIntake {
    const { auth, zmq } = this.settings;
    return new PullIntake({
      name: endpoint.name,
      context: this.context,
      curve: curveServer(endpoint.isShared ? null : this.serverKey, endpoint.name),
      maxMessageBytes: zmq.maxMessageBytes,
      queues: endpoint.queues,
      identify: identityAt(endpoint, authStrategy(auth.strategy), this.serverKey !== null),
      post: this.methods.get('marconi.v1.MessageService/PostMessages') as ServedMethod,
      receipts: router.receipts,
      metrics: this.metrics,
      log: this.deps.log,
    });
  }

  private makePublisher(endpoint: Endpoint): Publisher {
    const { name } = endpoint;
    return new Publisher({
      name,
      context: this.context,
      curve: curveServer(endpoint.isShared ? null : this.serverKey, name),
      read: (bytes) => {
        const topic = this.topics.read(name, bytes);
        return topic !== null && publishes(endpoint, topic) ? topic : null;
      },
      delivery: this.engine.delivery,
      silenceMs: STREAM_SILENCE_MS,
      lingerMs: SUBSCRIBER_LINGER_MS,
      now: nowSeconds,
      metrics: this.metrics,
      log: this.deps.log,
    });
  }
}

/** Names the address when it cannot be listened on. */
function bound(listen: string, start: (listen: string) => Promise<string>): Promise<string> {
  return start(listen).catch((cause: unknown) => {
    throw new Error(`Cannot listen on ${listen}: ${(cause as Error).message}`, { cause });
  });
}
