import { setTimeout as sleep } from 'node:timers/promises';
import { Subscriber } from 'zeromq';
import { SubscribeResponse } from '../../src/gen/marconi/v1/delivery.js';
import { Envelope, EnvelopeKind as Kind, TopicGranted, TopicOpen } from '../../src/gen/marconi/v1/envelope.js';
import type { ListMessagesResponse, Message } from '../../src/gen/marconi/v1/messages.js';
import type { ClientCurve, ZmqClient } from './zmq-client.js';

/** Lists the messages after a position, as ListMessages with echo and include_claimed. */
export type ListAfter = (position: number) => Promise<Pick<ListMessagesResponse, 'messages'>>;

/** How a subscriber connects, and where it begins. */
export interface SubscriberOptions {
  readonly curve?: ClientCurve;
  /** The marker after which it begins; none: now. */
  readonly position?: number;
  readonly list: ListAfter;
  /** Publications that libzmq reads ahead, and bytes that the kernel does; few: a client that is soon behind. */
  readonly readAhead?: { readonly publications: number; readonly bytes: number };
}

/** Follows a queue over SUB, written after `docs/protocol-zmq.md`: each message once, in order. */
export class ZmqSubscriber {
  readonly socket: Subscriber;
  /** What it followed, in order. */
  readonly messages: Message[] = [];
  /** Publications that came, of whatever kind. */
  heard = 0;
  /** How often something was missing. */
  gaps = 0;
  /** How often the queue was gone. */
  gone = 0;
  /** The marker of the last message that was passed; null until it is known where it begins. */
  position: number | null;
  private readonly list: ListAfter;
  private isStalled = false;

  constructor(address: string, { curve, position, list, readAhead }: SubscriberOptions) {
    const keys =
      curve === undefined
        ? {}
        : { curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey, curveServerKey: curve.serverKey };
    const ahead =
      readAhead === undefined
        ? {}
        : { receiveHighWaterMark: readAhead.publications, receiveBufferSize: readAhead.bytes };
    this.socket = new Subscriber({ linger: 0, reconnectInterval: 20, ...keys, ...ahead });
    this.socket.connect(address);
    this.position = position ?? null;
    this.list = list;
    void this.read();
  }

  subscribe(topic: Buffer | string): void {
    this.socket.subscribe(topic);
  }

  /** The bodies so far, as JSON. */
  get bodies(): unknown[] {
    return this.messages.map(({ body }) => JSON.parse(body.toString()) as unknown);
  }

  /** Reads nothing any more. */
  stall(): void {
    this.isStalled = true;
  }

  close(): void {
    this.socket.close();
  }

  private async read(): Promise<void> {
    try {
      while (!this.isStalled) {
        const [, frame] = await this.socket.receive();
        await this.take(Envelope.decode(frame!));
      }
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }

  private async take({ kind, payload }: Envelope): Promise<void> {
    this.heard += 1;
    if (kind === Kind.ENVELOPE_KIND_PUBLICATION) return this.follow(SubscribeResponse.decode(payload));
    if (kind !== Kind.ENVELOPE_KIND_ERROR) return;
    // Another queue of this name begins at its start.
    this.gone += 1;
    this.position = 0;
  }

  private async follow({ messages, nextMarker }: SubscribeResponse): Promise<void> {
    this.position ??= Number(messages[0]?.prevMarker ?? nextMarker);
    for (const { message, prevMarker } of messages) {
      await this.catchUp(Number(prevMarker));
      this.pass(message!);
    }
    await this.catchUp(Number(nextMarker));
  }

  /** Lists what is between the own position and one that was published. */
  private async catchUp(target: number): Promise<void> {
    if (target > this.position!) this.gaps += 1;
    while (target > this.position!) {
      const { messages } = await this.list(this.position!);
      for (const message of messages) this.pass(message);
      // What is not there any more cannot be missed.
      if (messages.length === 0) this.position = target;
    }
  }

  private pass(message: Message): void {
    const marker = Number(message.marker);
    if (marker <= this.position!) return;
    this.messages.push(message);
    this.position = marker;
  }
}

/** Asks for the topic of a queue. Rejects with ZmqError. */
export async function openTopic(
  client: ZmqClient,
  queue: string,
  { endpoint = '', metadata = {} }: { endpoint?: string; metadata?: Record<string, Buffer> } = {},
): Promise<TopicGranted> {
  const payload = TopicOpen.encode({ endpoint, queue }).finish();
  return TopicGranted.decode((await client.ask(Kind.ENVELOPE_KIND_TOPIC_OPEN, payload, { metadata })).payload);
}

/** Lists over the router, and tries again while it cannot. @param client the one of the moment */
export function listOver(client: () => ZmqClient, queue: string, metadata: Record<string, Buffer> = {}): ListAfter {
  return async (position) => {
    for (;;) {
      try {
        const request = { queue, marker: String(position), limit: 20, echo: true, includeClaimed: true };
        return await Promise.race([
          client().call('marconi.v1.MessageService/ListMessages', request, { metadata }),
          sleep(2_000, undefined, { ref: false }).then(() => Promise.reject(new Error('No answer.'))),
        ]);
      } catch {
        await sleep(50);
      }
    }
  };
}
