import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { HANDSHAKE_TIMEOUT_MS, MAX_RESETS, REQUEST_TIMEOUT_MS, RESET_WINDOW_MS } from './limits.js';

/** Why a connection or a stream was ended by its guard. */
export type GuardEvent = 'handshake' | 'resets' | 'request';

/** What a guard needs to know and to tell. */
export interface GuardOptions {
  /** True for paths whose request must be there whole in time. */
  isUnary(path: string): boolean;
  onEvent(event: GuardEvent, peer: string): void;
}

/** Watches one connection for what grpc-js does not: resets, handshakes and requests that never come to an end. */
export class SessionGuard {
  /** Streams that are open, oldest first, by the time they were opened. */
  private readonly open = new Map<ServerHttp2Stream, number>();
  /** The times of the last resets, in a ring. */
  private resets: Float64Array | undefined;
  private resetCount = 0;
  private ended = false;
  private readonly onClose: (this: ServerHttp2Stream) => void;

  constructor(
    private readonly session: ServerHttp2Session,
    private readonly options: GuardOptions,
  ) {
    const handshake = setTimeout(() => this.end('handshake'), HANDSHAKE_TIMEOUT_MS).unref();
    session.once('remoteSettings', () => clearTimeout(handshake));
    session.once('close', () => clearTimeout(handshake));
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- one listener for all streams, each told by `this`
    const guard = this;
    this.onClose = function onClose() {
      guard.open.delete(this);
      if (this.rstCode !== constants.NGHTTP2_NO_ERROR) guard.countReset(performance.now());
    };
  }

  /** A stream was opened. */
  watch(stream: ServerHttp2Stream, path: string): void {
    if (this.options.isUnary(path)) this.open.set(stream, performance.now());
    stream.once('close', this.onClose);
  }

  /** Ends requests that are not there whole in time. To be called now and then. */
  sweep(now: number): void {
    for (const [stream, since] of this.open) {
      if (now - since < REQUEST_TIMEOUT_MS) return;
      this.open.delete(stream);
      if (stream.destroyed || stream.state.remoteClose === 1) continue;
      this.options.onEvent('request', this.peer);
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  }

  private countReset(now: number): void {
    this.resets ??= new Float64Array(MAX_RESETS).fill(-Infinity);
    const slot = this.resetCount++ % MAX_RESETS;
    const oldest = this.resets[slot] as number;
    this.resets[slot] = now;
    if (now - oldest < RESET_WINDOW_MS) this.end('resets');
  }

  private end(event: GuardEvent): void {
    if (this.ended || this.session.destroyed) return;
    this.ended = true;
    this.options.onEvent(event, this.peer);
    // destroy() alone would say NO_ERROR.
    this.session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    // Not from within the reading of a frame: Node.js 20 would then abort the process (a failed assertion in its HTTP/2).
    setImmediate(() => this.session.destroy());
  }

  private get peer(): string {
    return this.session.socket?.remoteAddress ?? 'unix';
  }
}
