import { status } from '@grpc/grpc-js';
import { Pull } from 'zeromq';
import { StorageState } from '../../../src/gen/marconi/v1/admin.js';
import {
  Envelope,
  EnvelopeKind,
  PushDelivery,
  WorkerCredit,
  type PullReceipt,
} from '../../../src/gen/marconi/v1/envelope.js';
import type { MethodName, RequestOf, ResponseOf } from '../../../src/transport/dispatch.js';
import { rpcRefusalOf } from '../rpc-refusal.js';
import { waitFor } from '../wait.js';
import { connectZmq, ZmqError, type ZmqClient } from '../zmq-client.js';
import { ZmqProducer } from '../zmq-producer.js';
import { DoorError, unlessNotFound, type DoorClaim, type DoorClient, type DoorKey } from './door-client.js';
import { removalOf, shown, TTL } from './grpc-client.js';

/** The sockets of a node. */
export interface ZmqAddresses {
  readonly router: string;
  readonly pull: string;
  /** A PUSH endpoint of the global project, for one client that claims alone. */
  readonly push: { readonly address: string; readonly domain: string };
}

/** How long a delivery is waited for before it is in doubt, and how long a receipt. */
const DELIVERY_MS = 300;
const RECEIPT_MS = 5_000;

/** Claims end on whole seconds of the store's clock, rounded up; and so much it may be ahead of ours. */
const TICK_MS = 1_000;
const SKEW_MS = 500;

const lost = (what: string): DoorError => new DoorError('LOST', '', false, what);

/** Posts under a key: over PUSH, answered by receipts. */
class Posts {
  private readonly producers = new Map<string, Promise<ZmqProducer>>();

  constructor(
    private readonly client: ZmqClient,
    private readonly address: string,
  ) {}

  async post(queue: string, bodies: readonly string[], { producer, sequence }: DoorKey): Promise<readonly string[]> {
    const opened = this.producers.get(producer) ?? this.open(producer);
    this.producers.set(producer, opened);
    const seen = this.client.receipts.length;
    const messages = bodies.map((body) => ({ body: Buffer.from(body), contentType: '', ttlSeconds: TTL }));
    const key = { producerId: producer, producerSequence: BigInt(sequence) };
    await (await opened).post({ queue, messages, ...key });
    const isIts = (receipt: PullReceipt): boolean =>
      receipt.producerId === producer && receipt.producerSequence === key.producerSequence;
    const find = () => this.client.closed ?? this.client.receipts.slice(seen).find(isIts);
    const found = await waitFor('a receipt', find, { ms: RECEIPT_MS, every: 2 }).catch(() => null);
    if (found === null || found === true) throw lost('no receipt came');
    if (found.outcome?.$case === 'stored') return found.outcome.value.ids;
    throw found.outcome === undefined ? lost('an empty receipt') : doorError(new ZmqError(found.outcome.value));
  }

  close(): void {
    for (const producer of this.producers.values()) void producer.then((one) => one.close()).catch(() => undefined);
  }

  private async open(producer: string): Promise<ZmqProducer> {
    await this.client.subscribe(producer);
    return new ZmqProducer(this.address, producer);
  }
}

/** Claims that come from the PUSH feed, within a credit for one delivery beyond what is held. */
class Work {
  private readonly socket = new Pull({ linger: 0, receiveHighWaterMark: 1, reconnectInterval: 20 });
  private readonly deliveries: PushDelivery[] = [];
  /** Ids that are held, by claim. */
  private readonly held = new Map<string, Set<string>>();
  private turn: Promise<unknown> = Promise.resolve();
  private isConnected = false;

  constructor(
    private readonly client: ZmqClient,
    private readonly push: ZmqAddresses['push'],
  ) {}

  /** One after another, so that no other claim takes this one's credit. */
  claim(queue: string, limit: number): Promise<DoorClaim> {
    const claimed = this.turn.then(() => this.claimNow(queue, limit));
    this.turn = claimed.catch(() => undefined);
    return claimed;
  }

  settled(claim: string, ids: readonly string[]): void {
    for (const id of ids) this.held.get(claim)?.delete(id);
  }

  released(claim: string): void {
    this.held.delete(claim);
  }

  close(): void {
    this.socket.close();
  }

  private async claimNow(queue: string, limit: number): Promise<DoorClaim> {
    this.connect();
    // What came when its claim was in doubt already is left alone: who asks next is not to get what was claimed before.
    for (const delivery of this.deliveries.splice(0)) this.hold(delivery);
    await this.bear(queue, limit);
    const came = () => this.client.closed ?? this.deliveries.shift();
    const delivery = await waitFor('a delivery', came, { ms: DELIVERY_MS, every: 2 }).catch(() => null);
    if (delivery === null || delivery === true) {
      // One may have been made, and be on its way.
      if (delivery === null) await this.bear(queue, 0);
      throw lost('no delivery came');
    }
    return this.hold(delivery);
  }

  /** With the first claim: a client that claims nothing is not to be dealt what another one bears. */
  private connect(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.socket.connect(this.push.address);
    void this.read();
  }

  /** Says that it bears so many messages beside those that it has. */
  private async bear(queue: string, more: number): Promise<void> {
    const held = [...this.held.values()].reduce((sum, ids) => sum + ids.size, 0);
    const credit = { endpoint: this.push.domain, queues: [queue], messages: held + more, batch: Math.max(1, more) };
    const payload = WorkerCredit.encode(credit).finish();
    await this.client.ask(EnvelopeKind.ENVELOPE_KIND_WORKER_CREDIT, payload).catch((error: unknown) => {
      throw doorError(error);
    });
  }

  private hold({ claim }: PushDelivery): DoorClaim {
    const { id, messages, endsAt, ttlSeconds } = claim!;
    this.held.set(id, new Set(messages.map((message) => message.id)));
    // It may have been made for a credit of before, perhaps that of a worker who is dead.
    const made = Number(endsAt!.seconds) * 1_000 - ttlSeconds * 1_000 - TICK_MS - SKEW_MS;
    return { id, messages: messages.map(shown), mayBeOld: Date.now() - made };
  }

  private async read(): Promise<void> {
    try {
      for await (const [frame] of this.socket) {
        this.deliveries.push(PushDelivery.decode(Envelope.decode(frame!).payload));
      }
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }
}

/** A client of the ZeroMQ door: posts over PUSH, takes work from a PUSH feed, and does the rest over DEALER. */
export async function zmqClient({ router, pull, push }: ZmqAddresses): Promise<DoorClient> {
  const client = await connectZmq(router);
  const posts = new Posts(client, pull);
  const work = new Work(client, push);
  const call = <M extends MethodName>(method: M, request: Partial<RequestOf<M>>): Promise<ResponseOf<M>> =>
    client.call(method, request).catch((error: unknown) => {
      throw doorError(error);
    });

  return {
    door: 'zmq',
    createQueue: async (queue) => void (await call('marconi.v1.QueueService/CreateQueue', { queue })),
    post: async (queue, bodies, key) => {
      if (key !== undefined) return posts.post(queue, bodies, key);
      const messages = bodies.map((body) => ({ body: Buffer.from(body), contentType: '', ttlSeconds: TTL }));
      return (await call('marconi.v1.MessageService/PostMessages', { queue, messages })).ids;
    },
    claim: (queue, limit) => work.claim(queue, limit),
    remove: async (queue, ids, claimId) => {
      const request = { queue, claimId, ids: [...ids] };
      const { acknowledgements } = await call('marconi.v1.ClaimService/AcknowledgeMessages', request);
      work.settled(claimId, ids);
      return acknowledgements.map(({ outcome }) => removalOf(outcome));
    },
    release: async (queue, claimId) => {
      await call('marconi.v1.ClaimService/ReleaseClaim', { queue, claimId });
      work.released(claimId);
    },
    renew: (queue, claimId, ttlSeconds) =>
      call('marconi.v1.ClaimService/UpdateClaim', { queue, claimId, ttlSeconds }).then(() => true, unlessNotFound),
    list: async (queue, marker, limit) => {
      const request = { queue, marker, limit, echo: true, includeClaimed: true };
      const response = await call('marconi.v1.MessageService/ListMessages', request);
      return { messages: response.messages.map(shown), next: response.nextMarker };
    },
    total: async (queue) => Number((await call('marconi.v1.QueueService/GetQueueStats', { queue })).total),
    health: async () => {
      const { storage } = await call('marconi.v1.AdminService/GetStatus', {});
      if (storage?.state === StorageState.STORAGE_STATE_UNAVAILABLE)
        throw new DoorError('UNAVAILABLE', 'STORAGE_UNAVAILABLE', false, storage.detail);
    },
    close: () => {
      work.close();
      posts.close();
      client.close();
    },
  };
}

function doorError(thrown: unknown): DoorError {
  if (!(thrown instanceof ZmqError)) return thrown instanceof DoorError ? thrown : lost((thrown as Error).message);
  const { reason, retryMs } = rpcRefusalOf(thrown.status);
  return new DoorError(status[thrown.status.code] ?? 'UNKNOWN', reason, retryMs !== null, thrown.message);
}
