import type { ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import type { ConsumeRequest, ConsumeResponse, ConsumeStart } from '../../src/gen/marconi/v1/delivery.js';
import type { SubscribeRequest, SubscribeResponse } from '../../src/gen/marconi/v1/delivery.js';
import type { NewMessage, PublishRequest, PublishResponse } from '../../src/gen/marconi/v1/messages.js';
import { metadataOf, refusalOf, type CallOptions, type Connection, type GrpcRefusal } from './grpc-client.js';
import { waitFor } from './wait.js';

/** How long a stream may keep a test waiting, unless told. */
const PATIENCE_MS = 15_000;

/** A stream is open for as long as the test may take. */
const DEADLINE_MS = 120_000;

/** How a stream ended: as a call does, by an error that the server sent, or cut off. */
export type StreamEnd = 'OK' | GrpcRefusal;

type Call<Res> = Pick<ClientReadableStream<Res>, 'on' | 'once' | 'cancel' | 'pause' | 'resume'>;

/** The answers of one stream, in their order; every wait is bounded. */
export class Answers<Res> implements AsyncIterable<Res> {
  /** Those that came and were not taken yet. */
  readonly waiting: Res[] = [];
  private outcome: StreamEnd | null = null;

  constructor(protected readonly call: Call<Res>) {
    call.on('data', (answer: Res) => this.waiting.push(answer));
    call.once('error', (error: ServiceError) => (this.outcome ??= refusalOf(error)));
    call.once('end', () => (this.outcome ??= 'OK'));
  }

  /** How it ended; null while it is open. */
  get ended(): StreamEnd | null {
    return this.outcome;
  }

  /** The next answer; fails when the stream ends without one. */
  async next(ms = PATIENCE_MS): Promise<Res> {
    const found = await waitFor('an answer', () => this.waiting.length > 0 || this.outcome, { ms, every: 2 });
    const answer = this.waiting.shift();
    if (answer === undefined) throw new Error(`The stream ended: ${JSON.stringify(found)}`);
    return answer;
  }

  /** The next so many answers. */
  async take(count: number, ms = PATIENCE_MS): Promise<Res[]> {
    const taken: Res[] = [];
    while (taken.length < count) taken.push(await this.next(ms));
    return taken;
  }

  /** Waits for its end. */
  end(ms = PATIENCE_MS): Promise<StreamEnd> {
    return waitFor('the end of the stream', () => this.outcome, { ms, every: 2 });
  }

  cancel(): void {
    this.call.cancel();
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.call.pause();
  }

  resume(): void {
    this.call.resume();
  }

  /** All answers until the stream ends well; throws otherwise. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Res> {
    for (;;) {
      await waitFor('an answer', () => this.waiting.length > 0 || this.outcome, { ms: PATIENCE_MS, every: 2 });
      const answer = this.waiting.shift();
      if (answer !== undefined) yield answer;
      else if (this.outcome === 'OK') return;
      else throw new Error(`The stream ended: ${JSON.stringify(this.outcome)}`);
    }
  }
}

/** A stream with requests too. */
class Bidi<Req, Res> extends Answers<Res> {
  constructor(protected readonly duplex: ClientDuplexStream<Req, Res>) {
    super(duplex);
  }

  /** False when it is not sent yet: the server does not read. */
  send(request: Req): boolean {
    return this.duplex.write(request);
  }

  /** Requests that wait here for the server to read. */
  get unsent(): number {
    return this.duplex.writableLength;
  }

  /** Sends no more. */
  halfClose(): void {
    this.duplex.end();
  }
}

const optionsOf = () => ({ deadline: Date.now() + DEADLINE_MS });

/** A message to post. */
export const newMessage = (body: string | Buffer = '1'): NewMessage => ({
  body: Buffer.from(body),
  contentType: '',
  ttlSeconds: 3_600,
});

/** A batch of a publishing stream. */
export const batch = (
  queue: string,
  bodies: readonly (string | Buffer)[],
  key?: { readonly producer: string; readonly sequence: number },
): PublishRequest => ({
  queue,
  messages: bodies.map(newMessage),
  producerId: key?.producer,
  producerSequence: key && BigInt(key.sequence),
});

/** Opens a stream of posts. */
export class Publishing extends Bidi<PublishRequest, PublishResponse> {
  constructor({ messages }: Connection, options: CallOptions = {}) {
    super(messages.publish(metadataOf(options), optionsOf()));
  }

  async window(): Promise<{ batches: number; bytes: bigint }> {
    const { event } = await this.next();
    if (event?.$case !== 'window') throw new Error(`Expected the window; came ${event?.$case}`);
    return event.value;
  }

  async receipt() {
    const { event } = await this.next();
    if (event?.$case !== 'receipt') throw new Error(`Expected a receipt; came ${event?.$case}`);
    return event.value;
  }

  async receipts(count: number) {
    const receipts = [];
    while (receipts.length < count) receipts.push(await this.receipt());
    return receipts;
  }
}

type ConsumeEvent = NonNullable<ConsumeResponse['event']>;
type EventOf<K extends ConsumeEvent['$case']> = Extract<ConsumeEvent, { $case: K }>['value'];
type Command = NonNullable<ConsumeRequest['request']>;
type CommandOf<K extends Command['$case']> = Extract<Command, { $case: K }>['value'];

/** Opens a stream of claims. */
export class Consuming extends Bidi<ConsumeRequest, ConsumeResponse> {
  constructor({ delivery }: Connection, options: CallOptions = {}) {
    super(delivery.consume(metadataOf(options), optionsOf()));
  }

  /** Sends one kind of request. */
  ask<K extends Command['$case']>($case: K, value: CommandOf<K>): boolean {
    return this.send({ request: { $case, value } as Command });
  }

  async start(queue: string, changes: Partial<ConsumeStart> = {}): Promise<EventOf<'started'>> {
    const spans = { ttlSeconds: 60, graceSeconds: 60, maxMessages: undefined, releaseOnEnd: false };
    this.ask('start', { queue, ...spans, ...changes });
    return this.told('started');
  }

  grant(messages: number, bytes = 1024 * 1024): void {
    this.ask('credit', { messages, bytes: BigInt(bytes) });
  }

  acknowledge(claimId: string, ids: readonly string[], requestId?: number): void {
    this.ask('acknowledge', { claimId, ids: [...ids], requestId });
  }

  /** The next answer, which must be of that kind. */
  async told<K extends ConsumeEvent['$case']>(kind: K, ms?: number): Promise<EventOf<K>> {
    const { event } = await this.next(ms);
    if (event?.$case !== kind) throw new Error(`Expected ${kind}; came ${JSON.stringify(event?.$case)}`);
    return event.value as EventOf<K>;
  }
}

/** Opens a stream that follows a queue. */
export class Following extends Answers<SubscribeResponse> {
  constructor({ delivery }: Connection, request: Partial<SubscribeRequest>, options: CallOptions = {}) {
    const whole = { queue: '', from: undefined, echo: false, includeClaimed: false, ...request };
    super(delivery.subscribe(whole, metadataOf(options), optionsOf()));
  }

  /** So many messages, however they come. */
  async messages(count: number, ms?: number) {
    const found: NonNullable<SubscribeResponse['messages'][number]>[] = [];
    while (found.length < count) found.push(...(await this.next(ms)).messages);
    return found;
  }
}
