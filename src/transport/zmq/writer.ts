import type { Router } from 'zeromq';
import { MAX_WAITING_ANSWERS, ROOM_FOR_ERRORS, SLOW_READER_MS, SLOW_RETRY_MS } from './limits.js';

/** Why an answer was given up. */
export type DropCause = 'gone' | 'slow';

interface Outgoing {
  readonly to: Buffer;
  readonly frame: Uint8Array;
  /** Makes a shorter frame, to be sent where this one would be too much to keep. */
  readonly instead?: (() => Uint8Array) | undefined;
}

/** Answers for a client that does not take them now. */
interface SlowReader {
  readonly waiting: Outgoing[];
  bytes: number;
  /** When it last took one. */
  since: number;
}

/**
 * Writes the answers of one ROUTER: zeromq.js bears one `send` at a time. A client whose queue in libzmq is full gets a
 * line of its own here, so that it holds up nobody else; what waits is bounded, for each client and in all.
 */
export class Writer {
  private readonly queue: Outgoing[] = [];
  private readonly slow = new Map<string, SlowReader>();
  private bytes = 0;
  private isWriting = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Router,
    private readonly onDropped: (cause: DropCause, to: Buffer, count: number) => void,
  ) {}

  /** True when nothing waits. */
  get isIdle(): boolean {
    return !this.isWriting && this.queue.length === 0 && this.slow.size === 0;
  }

  /** Sends a frame, as soon as it can be; `instead` where too much waits. */
  send(to: Buffer, frame: Uint8Array, instead?: () => Uint8Array): void {
    const next = { to, frame, instead };
    if (!fits(this.bytes, next, MAX_WAITING_ANSWERS.bytes)) {
      this.replace(next);
      return;
    }
    this.bytes += frame.length;
    this.queue.push(next);
    if (!this.isWriting) void this.write();
  }

  /** Gives up all that waits. */
  stop(): void {
    clearTimeout(this.timer);
    this.queue.length = 0;
    this.slow.clear();
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const reader = this.slow.get(keyOf(next.to));
      if (reader !== undefined) this.line(reader, next);
      else if (!(await this.try(next))) this.begin(next);
    }
    this.isWriting = false;
  }

  /** True when the frame is done with: sent, or its reader is gone. */
  private async try({ to, frame }: Outgoing): Promise<boolean> {
    try {
      await this.socket.send([to, frame]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN' && !this.socket.closed) return false;
      this.onDropped('gone', to, 1);
    }
    this.bytes -= frame.length;
    return true;
  }

  /** A reader turns slow. */
  private begin(first: Outgoing): void {
    const reader = { waiting: [first], bytes: first.frame.length, since: performance.now() };
    this.slow.set(keyOf(first.to), reader);
    this.timer ??= setTimeout(() => void this.retry(), SLOW_RETRY_MS);
  }

  private line(reader: SlowReader, next: Outgoing): void {
    if (!fits(reader.bytes, next, MAX_WAITING_ANSWERS.clientBytes)) {
      this.bytes -= next.frame.length;
      this.replace(next);
      return;
    }
    reader.bytes += next.frame.length;
    reader.waiting.push(next);
  }

  /** There is no room for a frame. */
  private replace({ to, instead }: Outgoing): void {
    if (instead === undefined) this.onDropped('slow', to, 1);
    else this.send(to, instead());
  }

  private async retry(): Promise<void> {
    this.timer = undefined;
    if (this.isWriting) {
      this.timer = setTimeout(() => void this.retry(), SLOW_RETRY_MS);
      return;
    }
    this.isWriting = true;
    for (const [key, reader] of this.slow) await this.catchUp(key, reader);
    if (this.slow.size > 0) this.timer = setTimeout(() => void this.retry(), SLOW_RETRY_MS);
    await this.write();
  }

  /** Sends what a slow reader takes now; gives it up when it has taken nothing for too long. */
  private async catchUp(key: string, reader: SlowReader): Promise<void> {
    const now = performance.now();
    let next = reader.waiting[0];
    while (next !== undefined && (await this.try(next))) {
      reader.bytes -= next.frame.length;
      reader.since = now;
      reader.waiting.shift();
      next = reader.waiting[0];
    }
    if (next !== undefined && now - reader.since < SLOW_READER_MS) return;
    this.slow.delete(key);
    if (next === undefined) return;
    this.bytes -= reader.bytes;
    this.onDropped('slow', next.to, reader.waiting.length);
  }
}

/** Whether a frame may wait beside so many bytes; one alone always may. */
function fits(bytes: number, { frame, instead }: Outgoing, most: number): boolean {
  const room = instead === undefined ? most * ROOM_FOR_ERRORS : most;
  return bytes === 0 || bytes + frame.length <= room;
}

const keyOf = (to: Buffer): string => to.toString('latin1');
