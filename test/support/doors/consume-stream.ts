import { status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import type { Claim } from '../../../src/gen/marconi/v1/claims.js';
import type { DeliveryServiceClient } from '../../../src/gen/marconi/v1/delivery.js';
import { type ConsumeRequest, type ConsumeResponse } from '../../../src/gen/marconi/v1/delivery.js';
import type { DoorRefusal } from './door.js';
import { type Caller } from './door.js';
import { deadlineOf, grpcMetadata, grpcRefusal } from './grpc-door.js';
import { doorRefusal } from './rpc-door.js';

type Event = NonNullable<ConsumeResponse['event']>;
type Answer = Exclude<Event, { $case: 'started' | 'claim' | 'failed' }>;
type Command = Extract<NonNullable<ConsumeRequest['request']>, { $case: 'acknowledge' | 'release' | 'extend' }>;

/** What a stream begins with. */
export interface ConsumeBegin {
  readonly queue: string;
  readonly ttl: number;
  readonly grace: number;
  readonly limit: number | undefined;
}

/** A stream is held for as long as its claims are. */
const OPEN_MS = 180_000;

/** One stream of Consume. */
export class ConsumeStream {
  private readonly stream: ClientDuplexStream<ConsumeRequest, ConsumeResponse>;
  private readonly events: Event[] = [];
  private wake: () => void = () => undefined;
  private over: { readonly error: DoorRefusal | null } | null = null;

  constructor(client: DeliveryServiceClient, caller: Caller, begin: ConsumeBegin, deadlineMs?: number) {
    this.stream = client.consume(grpcMetadata(caller), deadlineOf(deadlineMs ?? OPEN_MS));
    this.stream.on('data', ({ event }: ConsumeResponse) => {
      if (event !== undefined) this.events.push(event);
      this.wake();
    });
    this.stream.on('error', (error: ServiceError) => this.end(error.code === status.CANCELLED ? null : error));
    this.stream.on('end', () => this.end(null));
    const { queue, ttl, grace, limit } = begin;
    const value = { queue, ttlSeconds: ttl, graceSeconds: grace, maxMessages: limit, releaseOnEnd: false };
    this.write({ $case: 'start', value });
  }

  /** The first claim within a credit; null after silence. All credit is used then, or the stream has ended. */
  async claim(credit: number, silenceMs: number): Promise<{ claim: Claim; isOpen: boolean } | null> {
    await this.next('started');
    this.write({ $case: 'credit', value: { messages: credit, bytes: 2n ** 40n } });
    const claim = await this.next('claim', silenceMs);
    const isOpen = claim !== null && claim.value.messages.length === credit;
    // What is left of the credit must not take what is posted later.
    if (claim === null) this.cancel();
    else if (!isOpen) await this.finish();
    return claim && { claim: claim.value, isOpen };
  }

  /** Sends a request about a claim and gives its answer. */
  async ask<Case extends Answer['$case']>(command: Command, answer: Case): Promise<Extract<Event, { $case: Case }>> {
    this.write(command);
    return (await this.next(answer)) as Extract<Event, { $case: Case }>;
  }

  /** The client's end: resolves when the server has ended the stream. */
  async finish(): Promise<void> {
    this.stream.end();
    while (this.over === null) await this.change();
    if (this.over.error !== null) throw this.over.error;
  }

  cancel(): void {
    this.stream.cancel();
  }

  private write(request: NonNullable<ConsumeRequest['request']>): void {
    this.stream.write({ request });
  }

  private end(error: ServiceError | null): void {
    this.over ??= { error: error && grpcRefusal(error) };
    this.wake();
  }

  /** The next event of a kind; null after silence. A request that failed is thrown. */
  private async next<Case extends Event['$case']>(
    kind: Case,
    silenceMs = 20_000,
  ): Promise<Extract<Event, { $case: Case }> | null> {
    const end = performance.now() + silenceMs;
    for (;;) {
      const event = this.events.shift();
      if (event?.$case === kind) return event as Extract<Event, { $case: Case }>;
      if (event?.$case === 'failed') throw failed(event.value);
      if (event === undefined && this.over !== null) throw this.over.error ?? new Error('The stream has ended.');
      if (event === undefined && performance.now() >= end) return null;
      if (event === undefined) await this.change(end - performance.now());
    }
  }

  private change(ms = 20_000): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A request that failed is told without details: the field stands first in its text. */
function failed({ reason, message }: { reason: string; message: string }): DoorRefusal {
  const field = reason === 'INVALID_REQUEST' ? [message.slice(0, message.indexOf(':'))] : [];
  return doorRefusal({
    ...{ reason: reason, message, fields: field },
    ...{ code: 0, domain: 'marconi', facts: {}, descriptions: [], retryMs: null },
  });
}
