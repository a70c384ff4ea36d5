import { MAX_REQUESTS_PER_STREAM, type Limits } from '../../config/limits.js';
import type { CallContext, Consumer, ConsumerEvents, Engine } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { ConsumeRequest, ConsumeResponse, ConsumeStart } from '../../gen/marconi/v1/delivery.js';
import { encodeClaim } from '../encode.js';
import { checkQueueName } from '../validate/common.js';
import { readConsumption } from '../validate/delivery.js';
import { answerTo, failureOf, type ConsumeCommand } from './consume-commands.js';
import { draining } from './draining.js';
import type { Outlet, Session } from './session.js';

/** Whose stream it is. */
export interface ConsumeOf {
  readonly context: CallContext;
  readonly limits: Limits;
}

/**
 * One worker's stream. Requests after start are worked on side by side and answered as they are done; so many at once,
 * then none is read. While the client does not read, nothing is claimed.
 */
export class ConsumeSession implements Session<ConsumeRequest> {
  private consumer: Consumer | null = null;
  private starting = false;
  /** What came while the stream starts: no more than the door had taken in already. */
  private readonly early: ConsumeRequest[] = [];
  /** The client will send no more. */
  private whole = false;
  /** Nothing more is taken in. */
  private halted = false;
  private underWay = 0;
  private whenIdle: (() => void) | null = null;

  constructor(
    private readonly engine: Pick<Engine, 'delivery'>,
    private readonly outlet: Outlet<ConsumeResponse>,
    private readonly of: ConsumeOf,
  ) {}

  receive(envelope: ConsumeRequest): void {
    if (this.halted) return;
    const { request } = envelope;
    if (this.starting) this.early.push(envelope);
    else if (request === undefined) this.refuse('expected one of its fields; none is set');
    else if (request.$case === 'start') this.start(request.value);
    else if (this.consumer === null) this.refuse(`expected start first; came ${request.$case}`);
    else if (request.$case !== 'credit') void this.serve(this.consumer, request);
    else this.consumer.grant(request.value.messages, Number(request.value.bytes));
  }

  fail(error: MarconiError): void {
    void this.finish(error);
  }

  halfClosed(): void {
    this.whole = true;
    if (!this.starting) void this.finish(null);
  }

  ready(): void {
    if (!this.halted) this.consumer?.resume();
    this.letRead();
  }

  gone(): void {
    this.halted = true;
    void this.consumer?.end();
  }

  private refuse(description: string): void {
    this.fail(MarconiError.invalidField('request', description));
  }

  private start(request: ConsumeStart): void {
    if (this.consumer !== null) {
      this.refuse('expected start once; came again');
      return;
    }
    this.starting = true;
    this.letRead();
    this.begin(request).catch((thrown: unknown) => this.fail(MarconiError.from(thrown)));
  }

  private async begin(request: ConsumeStart): Promise<void> {
    checkQueueName(request.queue);
    const options = readConsumption(request, this.of.limits);
    const { limit, maxBytes, maxClaims } = options;
    const consumer = await this.engine.delivery.consume(this.of.context, request.queue, options, this.events());
    this.consumer = consumer;
    if (this.halted) {
      await consumer.end();
      return;
    }
    const value = { maxMessages: limit, maxBytes: BigInt(maxBytes), maxClaims };
    this.outlet.send({ event: { $case: 'started', value } });
    this.starting = false;
    for (const envelope of this.early.splice(0)) this.receive(envelope);
    if (this.whole) await this.finish(null);
    this.letRead();
  }

  private events(): ConsumerEvents {
    return {
      claimed: (claim, now) => {
        this.outlet.send({ event: { $case: 'claim', value: encodeClaim(claim, now) } });
        if (!this.outlet.ready) this.consumer?.hold();
      },
      failed: (error) => this.fail(error),
      draining: () => this.fail(draining()),
    };
  }

  private async serve(consumer: Consumer, command: ConsumeCommand): Promise<void> {
    this.underWay++;
    this.letRead();
    try {
      this.outlet.send(await answerTo(consumer, command, this.of.limits));
    } catch (thrown) {
      this.outlet.send(failureOf(command, MarconiError.from(thrown)));
    }
    this.underWay--;
    if (this.underWay === 0) this.whenIdle?.();
    this.letRead();
  }

  /** Ends the stream once all requests are answered and its claims are let go. */
  private async finish(error: MarconiError | null): Promise<void> {
    if (this.halted) return;
    this.halted = true;
    this.outlet.hold();
    this.consumer?.hold();
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.whenIdle = resolve));
    await this.consumer?.end();
    this.outlet.end(error);
  }

  private letRead(): void {
    const full = this.underWay >= MAX_REQUESTS_PER_STREAM;
    if (full || this.starting || this.halted || !this.outlet.ready) this.outlet.hold();
    else this.outlet.resume();
  }
}
