import { PUBLISH_WINDOW_BATCHES, PUBLISH_WINDOW_POSTS, type Limits } from '../../config/limits.js';
import type { ClientId } from '../../domain/client-id.js';
import type { CallContext, Engine, Post, Publisher, Receipt } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { PublishRequest, PublishResponse } from '../../gen/marconi/v1/messages.js';
import { encodeReceipt } from '../encode.js';
import { checkQueueName } from '../validate/common.js';
import { readPost } from '../validate/messages.js';
import { draining } from './draining.js';
import type { Outlet, Session } from './session.js';

/** Whose stream it is. */
export interface PublishOf {
  readonly context: CallContext;
  readonly poster: ClientId | null;
  readonly limits: Limits;
}

/**
 * One stream of posts. Each batch is submitted as it is read; while one must wait, while the window is full and while
 * the client does not read its receipts, none is read. Receipts go out in the order of the batches, and so does the
 * first failure, which ends the stream.
 */
export class PublishSession implements Session<PublishRequest> {
  private readonly publisher: Publisher;
  private readonly window: { readonly batches: number; readonly bytes: number };
  private readonly unanswered = { batches: 0, bytes: 0 };
  /** What came while a batch waits to be submitted: no more than the door had taken in already. */
  private readonly waiting: (PublishRequest | MarconiError)[] = [];
  private submitting = false;
  /** The client will send no more. */
  private whole = false;
  /** Nothing more is taken in. */
  private halted = false;
  private failed = false;
  private queue = '';
  private batches = 0;
  private lastAnswer: Promise<void> = Promise.resolve();

  constructor(
    { delivery }: Pick<Engine, 'delivery'>,
    private readonly outlet: Outlet<PublishResponse>,
    private readonly of: PublishOf,
  ) {
    this.window = { batches: PUBLISH_WINDOW_BATCHES, bytes: PUBLISH_WINDOW_POSTS * of.limits.maxMessageSize };
    this.publisher = delivery.publish(of.context, () => this.finish(atBatch(draining(), this.batches)));
    const { batches, bytes } = this.window;
    outlet.send({ event: { $case: 'window', value: { batches, bytes: BigInt(bytes) } } });
  }

  receive(request: PublishRequest): void {
    this.take(request);
  }

  fail(error: MarconiError): void {
    this.take(error);
  }

  halfClosed(): void {
    this.whole = true;
    if (!this.submitting) this.finish(null);
  }

  ready(): void {
    this.letRead();
  }

  gone(): void {
    this.halt();
    this.publisher.end();
  }

  private take(batch: PublishRequest | MarconiError): void {
    if (this.halted) return;
    this.waiting.push(batch);
    if (!this.submitting) void this.submitAll();
  }

  /** Submits what was read, in the same turn unless a batch must wait. */
  private async submitAll(): Promise<void> {
    this.submitting = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      try {
        const post = this.read(next);
        let receipt = this.publisher.tryPost(this.queue, post);
        while (receipt === null && !this.halted) {
          this.outlet.hold();
          await this.publisher.whenReady();
          // Halted meanwhile, the stream does not take the batch in.
          receipt = this.halted ? null : this.publisher.tryPost(this.queue, post);
        }
        if (receipt !== null) this.answer(receipt, bytesOf(post));
      } catch (thrown) {
        this.answer(Promise.reject(MarconiError.from(thrown)), 0);
        this.halt();
      }
    }
    this.submitting = false;
    if (this.whole) this.finish(null);
    this.letRead();
  }

  private read(batch: PublishRequest | MarconiError): Post {
    if (batch instanceof MarconiError) throw batch;
    if (batch.queue !== '' || this.queue === '') {
      checkQueueName(batch.queue);
      this.queue = batch.queue;
    }
    return readPost(batch, this.of.poster, this.of.limits);
  }

  /** Answers in the order of the batches; the first that failed is the last that is answered. */
  private answer(receipt: Promise<Receipt>, bytes: number): void {
    const index = this.batches++;
    this.unanswered.batches++;
    this.unanswered.bytes += bytes;
    // It may fail before its turn comes.
    receipt.catch(() => undefined);
    this.lastAnswer = this.lastAnswer.then(async () => {
      try {
        const value = encodeReceipt(await receipt);
        if (!this.failed) this.outlet.send({ event: { $case: 'receipt', value } });
      } catch (thrown) {
        this.failed = true;
        this.halt();
        this.outlet.end(atBatch(MarconiError.from(thrown), index));
      }
      this.unanswered.batches--;
      this.unanswered.bytes -= bytes;
      this.letRead();
    });
  }

  /** Ends the stream once all that was taken in is answered. */
  private finish(error: MarconiError | null): void {
    if (this.halted) return;
    this.halt();
    void this.lastAnswer.then(() => this.outlet.end(error));
  }

  private halt(): void {
    this.halted = true;
    this.waiting.length = 0;
    this.outlet.hold();
  }

  private letRead(): void {
    const { batches, bytes } = this.unanswered;
    const full = batches >= this.window.batches || bytes >= this.window.bytes;
    if (full || this.submitting || this.halted || !this.outlet.ready) this.outlet.hold();
    else this.outlet.resume();
  }
}

function bytesOf({ messages }: Post): number {
  return messages.reduce((sum, { body }) => sum + body.byteLength, 0);
}

/** The error with the place on the stream that it is about. */
function atBatch({ reason, message, violations, metadata, retryAfterMs, cause }: MarconiError, index: number) {
  return new MarconiError(reason, message, {
    violations,
    metadata: { ...metadata, batch: String(index) },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause,
  });
}
