import type { Identity } from '../../auth/index.js';
import { STREAM_PORTION_BYTES } from '../../config/limits.js';
import type { CallContext } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { Reason } from '../../errors/reasons.js';
import { EnvelopeKind } from '../../gen/marconi/v1/envelope.js';
import { OVERLOAD_RETRY_MS } from '../in-flight.js';
import type { IncomingCall } from '../unary.js';
import { answerFrame, errorFrame, type Incoming } from './envelope.js';
import { MAX_DEADLINE_MS } from './limits.js';
import type { EnvelopeMetadata } from './metadata.js';

/** What a call does to its router. */
export interface CallEnds {
  /** Throws when the caller is nobody. */
  identify(): Identity;
  /** Sends an answer, or what is shorter where too much waits for the client. */
  send(frame: Uint8Array, instead: () => Uint8Array): void;
  /** The call needs nothing any more; called once. */
  done(): void;
}

/** No room for an answer. What was asked is done, or not, as where any answer gets lost; it is told rather than dropped. */
export const TOO_MUCH_WAITS = new MarconiError(
  'OVERLOADED',
  'Too many answers wait for this client; have fewer calls under way.',
  {
    retryAfterMs: OVERLOAD_RETRY_MS,
  },
);

/** A call that came through the router. */
export class ZmqCall implements IncomingCall {
  readonly request: Buffer;
  readonly metadata: EnvelopeMetadata;
  abandoned: Reason | null = null;
  private readonly correlationId: Buffer;
  private readonly controller: AbortController | null;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    { envelope, metadata }: Incoming,
    private readonly ends: CallEnds,
  ) {
    this.request = envelope.payload;
    this.metadata = metadata;
    this.correlationId = envelope.correlationId;
    const { deadlineMs } = envelope;
    this.controller = deadlineMs === 0 ? null : new AbortController();
    if (this.controller !== null) this.timer = setTimeout(() => this.abandon(), Math.min(deadlineMs, MAX_DEADLINE_MS));
  }

  context(): CallContext {
    const { principal, scope } = this.ends.identify();
    const context = { principal, scope, maxBytes: STREAM_PORTION_BYTES };
    return this.controller === null ? context : { ...context, signal: this.controller.signal };
  }

  answer(response: Buffer): void {
    this.end(() => answerFrame(EnvelopeKind.ENVELOPE_KIND_RESPONSE, this.correlationId, response));
  }

  refuse(error: MarconiError, facts?: Readonly<Record<string, string>>): void {
    this.end(() => errorFrame(this.correlationId, error, facts));
  }

  private end(frame: () => Uint8Array): void {
    clearTimeout(this.timer);
    if (this.abandoned === null) this.send(frame());
    this.ends.done();
  }

  private send(frame: Uint8Array): void {
    this.ends.send(frame, () => errorFrame(this.correlationId, TOO_MUCH_WAITS));
  }

  /** The deadline passed: told at once, whatever becomes of the call. */
  private abandon(): void {
    this.abandoned = 'DEADLINE_EXCEEDED';
    const error = new MarconiError('DEADLINE_EXCEEDED', 'The deadline passed before the answer was there.');
    this.send(errorFrame(this.correlationId, error));
    this.controller?.abort();
  }
}
