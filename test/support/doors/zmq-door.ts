import type { UnaryMethod } from '../../../src/transport/dispatch.js';
import type { Status } from '../../../src/gen/google/rpc/status.js';
import { rpcRefusalOf } from '../rpc-refusal.js';
import { waitFor } from '../wait.js';
import { connectZmq, ZmqError, type ZmqClient } from '../zmq-client.js';
import { ZmqProducer } from '../zmq-producer.js';
import { Unsayable, type Caller, type Door, type Posted, type PostKey, type Receipt } from './door.js';
import { doorRefusal, postOf, receiptOf, RpcDoor, type Calls } from './rpc-door.js';

/** Metadata that names a caller. */
export function zmqMetadata({ project, client }: Caller): Record<string, Buffer> {
  return {
    ...(project === null ? {} : { 'marconi-project-bin': Buffer.from(project) }),
    ...(client === null ? {} : { 'client-id': Buffer.from(client) }),
  };
}

/** One session, for all callers. */
export class ZmqLink {
  private constructor(
    readonly router: string,
    readonly pull: string,
    private readonly client: ZmqClient,
  ) {}

  static async open(router: string, pull: string): Promise<ZmqLink> {
    return new ZmqLink(router, pull, await connectZmq(router));
  }

  /** The unary calls. */
  readonly calls: Calls = (method: UnaryMethod, request: object, caller, deadlineMs = 0) =>
    this.client.call(method, request, { metadata: zmqMetadata(caller), deadlineMs }).catch((error: unknown) => {
      throw error instanceof ZmqError ? doorRefusal(error.refusal) : error;
    }) as never;

  close(): void {
    this.client.close();
  }
}

/** The door of calls over DEALER. */
export const zmqDoor = (link: ZmqLink, caller: Caller) => new RpcDoor('ZeroMQ', link.calls, caller);

/** A producer's sockets, and the session that its receipts come to. */
class PullSockets {
  private producer: ZmqProducer | undefined;
  private client: Promise<ZmqClient> | undefined;
  private readonly subscribed = new Set<string>();
  private posts = 0n;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly link: ZmqLink,
    private readonly caller: Caller,
  ) {}

  /** Posts, and gives the receipt. Without a key the post has one of its own, as each must. */
  async post(queue: string, messages: readonly Posted[], key: PostKey): Promise<Receipt> {
    const { producer = 'door', sequence = ++this.posts } = key;
    const client = await (this.client ??= connectZmq(this.link.router));
    const metadata = zmqMetadata({ ...this.caller, client: null });
    if (!this.subscribed.has(producer)) await client.subscribe(producer, metadata).catch(rethrown);
    this.subscribed.add(producer);
    this.producer ??= new ZmqProducer(this.link.pull, producer);
    const post = { queue, ...postOf(messages, { producer, sequence }) };
    await this.send(this.producer, post);
    const receipt = await waitFor('the receipt', () => taken(client, producer, sequence), { ms: 20_000, every: 2 });
    if (receipt.outcome?.$case === 'stored') return receiptOf(receipt.outcome.value);
    throw doorRefusal(rpcRefusalOf(receipt.outcome?.value as Status));
  }

  /** A socket bears one send at a time. */
  private send(producer: ZmqProducer, post: Parameters<ZmqProducer['post']>[0]): Promise<unknown> {
    return (this.sending = this.sending.then(() => producer.post(post, { metadata: zmqMetadata(this.caller) })));
  }

  close(): void {
    this.producer?.close();
    void this.client?.then((client) => client.close());
  }
}

const rethrown = (error: unknown): never => {
  throw error instanceof ZmqError ? doorRefusal(error.refusal) : error;
};

/** The oldest receipt of a post, each given once. */
function taken(client: ZmqClient, producer: string, sequence: bigint) {
  const { receipts } = client;
  const index = receipts.findIndex((one) => one.producerId === producer && one.producerSequence === sequence);
  return index < 0 ? null : receipts.splice(index, 1)[0];
}

/** The door whose posts go over PUSH and PULL; all else goes over DEALER. */
export class PullDoor extends RpcDoor {
  private readonly sockets: PullSockets;

  constructor(
    private readonly link: ZmqLink,
    caller: Caller,
    private readonly opened: PullSockets[] = [],
  ) {
    super('ZeroMQ PULL', link.calls, caller);
    this.sockets = new PullSockets(link, caller);
    opened.push(this.sockets);
  }

  override as(caller: Partial<Caller>): Door {
    return new PullDoor(this.link, { ...this.caller, ...caller }, this.opened);
  }

  override async post(queue: string, messages: readonly Posted[], key: PostKey = {}): Promise<Receipt> {
    const isNamed = key.producer !== undefined || key.sequence !== undefined;
    const bytes = Buffer.byteLength(key.producer ?? '');
    const isWhole = key.sequence !== undefined && bytes >= 1 && bytes <= 64;
    if (isNamed && !isWhole) throw new Unsayable('a post under half a key');
    return this.sockets.post(queue, messages, key);
  }

  override close(): void {
    for (const sockets of this.opened) sockets.close();
  }
}
