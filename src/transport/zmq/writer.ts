import type { Router } from 'zeromq';
import {
  MAX_PACK,
  MAX_WAITING_ANSWERS,
  QUICK_TRIES,
  ROOM_FOR_ERRORS,
  SLOW_READER_MS,
  SLOW_RETRY_MS,
} from './limits.js';

/** Why an answer was given up. */
export type DropCause = 'gone' | 'slow';

/** What a writer uses of its socket. */
export interface AnswerSocket extends Pick<Router, 'send' | 'closed'> {
  /** Takes in what libzmq has learnt since: which clients have room again. */
  catchUp(): void;
}

/** Answers for one client, in their order. */
interface Line {
  readonly to: Buffer;
  readonly waiting: Uint8Array[];
  bytes: number;
  /** Tries in a row for which libzmq had no room; 0: the client is not known to be slow. */
  tries: number;
  /** When it last took something. */
  since: number;
}

/**
 * Writes the answers of one ROUTER. All that waits for a client goes out in one message, so that few of them fill
 * libzmq, which counts messages and not bytes, and a client that asks for much at once costs little. A client that has
 * no room holds up nobody else; what waits is bounded, for each client and for all slow ones.
 */
export class Writer {
  private readonly lines = new Map<string, Line>();
  /** Lines to be written now, each once. */
  private ready: Line[] = [];
  /** Lines whose client had no room just now, and those that had none for a while. */
  private full: Line[] = [];
  private slow: Line[] = [];
  /** Bytes that wait for clients that had no room. */
  private blockedBytes = 0;
  private isWriting = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: AnswerSocket,
    private readonly onDropped: (cause: DropCause, to: Buffer, count: number) => void,
  ) {}

  /** True when nothing waits. */
  get isIdle(): boolean {
    return !this.isWriting && this.lines.size === 0;
  }

  /** True when so much waits for a client that an answer to it would find no room. */
  isFull(to: Buffer): boolean {
    const line = this.lines.get(keyOf(to));
    return line !== undefined && !this.hasRoom(line, 1, 1);
  }

  /** Sends a frame, as soon as it can be; `instead` where too much waits. */
  send(to: Buffer, frame: Uint8Array, instead?: () => Uint8Array): void {
    const key = keyOf(to);
    const line = this.lines.get(key) ?? this.begin(key, to);
    if (!this.hasRoom(line, frame.length, instead === undefined ? ROOM_FOR_ERRORS : 1)) {
      if (instead === undefined) this.onDropped('slow', to, 1);
      else this.send(to, instead());
      return;
    }
    line.waiting.push(frame);
    line.bytes += frame.length;
    if (line.tries > 0) this.blockedBytes += frame.length;
  }

  /** Gives up all that waits. */
  stop(): void {
    clearTimeout(this.timer);
    this.lines.clear();
    this.ready = [];
    this.full = [];
    this.slow = [];
  }

  /** The line is written once all that is at hand has been answered. */
  private begin(key: string, to: Buffer): Line {
    const line: Line = { to, waiting: [], bytes: 0, tries: 0, since: performance.now() };
    this.lines.set(key, line);
    this.ready.push(line);
    this.wake();
    return line;
  }

  /** One frame alone always has; and who is not slow takes what there is, whatever waits for others. */
  private hasRoom(line: Line, bytes: number, share: number): boolean {
    if (line.waiting.length === 0) return true;
    if (line.bytes + bytes > MAX_WAITING_ANSWERS.clientBytes * share) return false;
    return line.tries === 0 || this.blockedBytes + bytes <= MAX_WAITING_ANSWERS.bytes * share;
  }

  private wake(): void {
    if (this.isWriting) return;
    this.isWriting = true;
    setImmediate(() => void this.write());
  }

  private async write(): Promise<void> {
    for (let line = this.ready.shift(); line !== undefined; line = this.ready.shift()) await this.writePack(line);
    this.isWriting = false;
    this.retryLater();
  }

  /** Sends what one message holds; the rest waits for the next turn. */
  private async writePack(line: Line): Promise<void> {
    const count = packOf(line.waiting);
    const pack = line.waiting.slice(0, count);
    const outcome = await this.try(line.to, pack);
    if (outcome === 'full') {
      this.block(line);
      return;
    }
    if (outcome === 'gone') this.onDropped('gone', line.to, count);
    const bytes = pack.reduce((sum, frame) => sum + frame.length, 0);
    if (line.tries > 0) this.blockedBytes -= line.bytes;
    line.waiting.splice(0, count);
    line.bytes -= bytes;
    line.tries = 0;
    line.since = performance.now();
    if (line.waiting.length > 0) this.ready.push(line);
    else this.lines.delete(keyOf(line.to));
  }

  private async try(to: Buffer, pack: readonly Uint8Array[]): Promise<'sent' | 'full' | 'gone'> {
    try {
      await this.socket.send([to, ...pack]);
      return 'sent';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' && !this.socket.closed ? 'full' : 'gone';
    }
  }

  private block(line: Line): void {
    if (line.tries === 0) this.blockedBytes += line.bytes;
    line.tries += 1;
    if (line.tries <= QUICK_TRIES) {
      this.full.push(line);
    } else if (performance.now() - line.since < SLOW_READER_MS) {
      this.slow.push(line);
    } else {
      this.blockedBytes -= line.bytes;
      this.lines.delete(keyOf(line.to));
      this.onDropped('slow', line.to, line.waiting.length);
    }
  }

  /** libzmq's own thread needs moments to make room: tried at once a few times, then now and then. */
  private retryLater(): void {
    if (this.full.length > 0) setImmediate(() => this.retry(this.full.splice(0)));
    if (this.slow.length === 0 || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.retry(this.slow.splice(0));
    }, SLOW_RETRY_MS);
  }

  private retry(lines: readonly Line[]): void {
    if (this.socket.closed || lines.length === 0) return;
    if (!this.isWriting) this.socket.catchUp();
    this.ready.push(...lines);
    this.wake();
  }
}

/** How many of the frames go into one message: at least one. */
function packOf(frames: readonly Uint8Array[]): number {
  let bytes = 0;
  let count = 0;
  for (const frame of frames) {
    bytes += frame.length;
    if (count > 0 && (bytes > MAX_PACK.bytes || count >= MAX_PACK.frames)) break;
    count++;
  }
  return count;
}

const keyOf = (to: Buffer): string => to.toString('latin1');
