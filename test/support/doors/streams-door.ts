import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { DeliveryServiceClient, type SubscribeResponse } from '../../../src/gen/marconi/v1/delivery.js';
import { MessageServiceClient, type PublishResponse } from '../../../src/gen/marconi/v1/messages.js';
import { ConsumeStream } from './consume-stream.js';
import {
  CLAIM_SPANS,
  Unsayable,
  type Caller,
  type Claimed,
  type Claiming,
  type Door,
  type Listing,
  type Outcome,
  type Page,
  type Posted,
  type PostKey,
  type Receipt,
  type Shown,
} from './door.js';
import { deadlineOf, GrpcLink, grpcMetadata, grpcRefusal } from './grpc-door.js';
import { outcomesOf, postOf, receiptOf, RpcDoor, shown } from './rpc-door.js';

/** A stream says nothing where a call would answer "nothing": so long is waited for it. */
const SILENCE_MS = 300;
const LONGEST_CLAIM = 20;
const LONGEST_WAIT_S = 30;
const PAGE = 10;

/** One connection, for all callers. */
export class StreamsLink extends GrpcLink {
  readonly messages: MessageServiceClient;
  readonly delivery: DeliveryServiceClient;

  constructor(address: string) {
    super(address);
    const channel = { channelOverride: this.client.getChannel() };
    this.messages = new MessageServiceClient(address, credentials.createInsecure(), channel);
    this.delivery = new DeliveryServiceClient(address, credentials.createInsecure(), channel);
  }
}

/** The door of gRPC streams: Publish posts, Consume claims and settles, Subscribe lists; all else is unary. */
export class StreamsDoor extends RpcDoor {
  constructor(
    private readonly link: StreamsLink,
    caller: Caller,
    private readonly held = new Map<string, ConsumeStream>(),
  ) {
    super('gRPC streams', link.calls, caller);
  }

  override as(caller: Partial<Caller>): Door {
    return new StreamsDoor(this.link, { ...this.caller, ...caller }, this.held);
  }

  override post(queue: string, messages: readonly Posted[], key: PostKey = {}): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const stream = this.link.messages.publish(grpcMetadata(this.caller), deadlineOf());
      stream.on('data', ({ event }: PublishResponse) => {
        if (event?.$case === 'receipt') resolve(receiptOf(event.value));
      });
      stream.on('error', (error: ServiceError) => reject(grpcRefusal(error)));
      stream.on('end', () => reject(new Error('The stream ended without a receipt.')));
      stream.write({ queue, ...postOf(messages, key) });
      stream.end();
    });
  }

  /** As many as the page may hold, or what has come when nothing comes any more. */
  override list(queue: string, { marker = '', limit = PAGE, echo, includeClaimed }: Listing = {}): Promise<Page> {
    if (limit < 1 || limit > LONGEST_CLAIM) return Promise.reject(new Unsayable('the size of a page'));
    const messages: Shown[] = [];
    let next = marker;
    return new Promise((resolve, reject) => {
      const request = { queue, from: { $case: 'marker', value: marker } as const };
      const options = { echo: echo ?? false, includeClaimed: includeClaimed ?? false };
      const stream = this.link.delivery.subscribe({ ...request, ...options }, grpcMetadata(this.caller), deadlineOf());
      const whole = (): void => {
        clearTimeout(timer);
        stream.cancel();
        resolve({ messages, next });
      };
      let timer: NodeJS.Timeout | undefined;
      stream.on('data', (news: SubscribeResponse) => {
        clearTimeout(timer);
        for (const { message } of news.messages.slice(0, limit - messages.length)) messages.push(shown(message!));
        next = messages.at(-1)?.marker ?? marker;
        if (messages.length >= limit) whole();
        else timer = setTimeout(whole, SILENCE_MS);
      });
      stream.on('error', (error: ServiceError) => {
        clearTimeout(timer);
        if (error.code !== status.CANCELLED) reject(grpcRefusal(error));
      });
    });
  }

  override async claim(queue: string, claiming: Claiming = {}): Promise<Claimed | null> {
    const { ttl, grace, limit, wait = 0, deadlineMs } = { ...CLAIM_SPANS, ...claiming };
    if (wait > LONGEST_WAIT_S) throw new Unsayable('the longest wait');
    const begin = { queue, ttl, grace, limit };
    const stream = new ConsumeStream(this.link.delivery, this.caller, begin, deadlineMs);
    const made = await stream.claim(limit ?? LONGEST_CLAIM, Math.max(wait * 1000, SILENCE_MS));
    if (made === null) return null;
    const { id, messages } = made.claim;
    if (made.isOpen) this.held.set(id, stream);
    return { id, messages: messages.map(shown) };
  }

  override async renew(queue: string, claimId: string, spans: { ttl: number; grace?: number }): Promise<void> {
    const value = { claimId, ttlSeconds: spans.ttl, graceSeconds: spans.grace, requestId: 1 };
    await this.onStream(queue, claimId, (stream) => stream.ask({ $case: 'extend', value }, 'extended'));
  }

  override async release(queue: string, claimId: string): Promise<{ released: number }> {
    const command = { $case: 'release', value: { claimId, requestId: 2 } } as const;
    return (await this.onStream(queue, claimId, (stream) => stream.ask(command, 'released'))).value;
  }

  override async acknowledge(queue: string, claimId: string, ids: readonly string[]): Promise<readonly Outcome[]> {
    const value = { claimId, ids: [...ids], requestId: 3 };
    const answered = await this.onStream(queue, claimId, (stream) =>
      stream.ask({ $case: 'acknowledge', value }, 'acknowledged'),
    );
    return outcomesOf(answered.value.acknowledgements, ids);
  }

  override close(): void {
    for (const stream of this.held.values()) stream.cancel();
  }

  /** The stream that made the claim, while it is open; else another one, without credit. */
  private async onStream<R>(queue: string, claim: string, ask: (stream: ConsumeStream) => Promise<R>): Promise<R> {
    const own = this.held.get(claim);
    if (own !== undefined) return ask(own);
    const begin = { queue, ...CLAIM_SPANS, limit: undefined };
    const stream = new ConsumeStream(this.link.delivery, this.caller, begin);
    const answer = await ask(stream).finally(() => stream.cancel());
    return answer;
  }
}
