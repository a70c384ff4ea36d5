import type { StatusObject } from '@grpc/grpc-js';
import type { MarconiError } from '../../errors/marconi-error.js';
import { asBuffer } from '../encode.js';
import type { Outlet } from '../streams/session.js';
import type { Codec } from '../codec.js';
import { MAX_UNSENT_BYTES } from './limits.js';

/** What the outlet uses of a call, of one request or of many. */
export interface StreamCall {
  readonly cancelled: boolean;
  write(bytes: Buffer, sent: () => void): unknown;
  end(): unknown;
  emit(event: 'error', status: StatusObject): boolean;
  pause?(): unknown;
  resume?(): unknown;
}

/** What the outlet tells. */
export interface OutletEvents {
  /** It is ready again. */
  ready(): void;
  /** The status of an error, as the client gets it. */
  status(error: MarconiError): StatusObject;
}

/** The answers of one call. It counts bytes, as grpc-js counts only messages, of which one may be large. */
export class GrpcOutlet<Out> implements Outlet<Out> {
  private unsent = 0;
  private full = false;
  private held = false;
  private outcome: MarconiError | null | undefined;

  constructor(
    private readonly call: StreamCall,
    private readonly codec: Codec<Out>,
    private readonly events: OutletEvents,
  ) {}

  get ready(): boolean {
    return !this.full;
  }

  /** How the stream was ended; undefined when it was not. */
  get ended(): MarconiError | null | undefined {
    return this.outcome;
  }

  send(answer: Out): void {
    if (this.outcome !== undefined || this.call.cancelled) return;
    const bytes = asBuffer(this.codec.encode(answer).finish());
    this.unsent += bytes.length;
    if (this.unsent > MAX_UNSENT_BYTES) this.full = true;
    this.call.write(bytes, () => this.sent(bytes.length));
  }

  hold(): void {
    if (this.held) return;
    this.held = true;
    this.call.pause?.();
  }

  resume(): void {
    if (!this.held) return;
    this.held = false;
    this.call.resume?.();
  }

  end(error: MarconiError | null): void {
    if (this.outcome !== undefined) return;
    this.outcome = error;
    if (this.call.cancelled) return;
    // grpc-js takes the status of a stream from the event.
    if (error === null) this.call.end();
    else this.call.emit('error', this.events.status(error));
  }

  private sent(bytes: number): void {
    this.unsent -= bytes;
    if (!this.full || this.unsent > MAX_UNSENT_BYTES / 2) return;
    this.full = false;
    if (!this.call.cancelled) this.events.ready();
  }
}
