import type { Admission } from './audience.js';
import { MAX_REFUSED_TOPIC_BYTES } from './limits.js';
import type { ManualPublisher } from './manual-publisher.js';

/** What is done with subscriptions. */
export interface SubscriptionEvents {
  /** True for a topic that may be heard. */
  knows(topic: Buffer): boolean;
  enter(topic: Buffer): Admission;
  /** False when the topic is not known. */
  leave(topic: Buffer): boolean;
  admitted(topic: Buffer): void;
  refused(cause: Exclude<Admission, 'admitted'> | 'frames'): void;
}

const SUBSCRIBES = 1;
const UNSUBSCRIBES = 0;

/**
 * Reads the subscriptions of one socket and admits those that may be. It stops when the socket has to be opened anew, for
 * one of two reasons, which only clients that want them bring about:
 *
 * - libzmq keeps topics that were refused; when they are too much, only that frees them.
 * - A message that is no subscription makes libzmq 4.3.5 take one connection for another in what it has waiting, so that
 *   an admission would be the next client's. Nothing is admitted until nothing waits any more; when somebody was
 *   passed over meanwhile, all have to come again.
 */
export class SubscriptionReader {
  private readonly refusedTopics = new Set<string>();
  private refusedBytes = 0;
  private isSure = true;
  private isSpoilt = false;

  constructor(
    private readonly socket: ManualPublisher,
    private readonly events: SubscriptionEvents,
  ) {}

  /** Resolves when the socket is closed, with true when it has to be opened anew. */
  async read(): Promise<boolean> {
    try {
      for (;;) {
        this.take(await this.socket.receive());
        if (this.isSpoilt || this.refusedBytes > MAX_REFUSED_TOPIC_BYTES) return true;
        this.isSure ||= !this.socket.readable;
      }
    } catch (error) {
      if (!this.socket.closed) throw error;
      return false;
    }
  }

  private take(frames: readonly Buffer[]): void {
    const [only] = frames;
    if (frames.length !== 1 || only === undefined || !isSubscription(only)) {
      this.isSure = false;
      this.events.refused('frames');
    }
    for (const frame of frames.filter(isSubscription)) {
      if (!this.isSure) this.passOver(frame);
      else if (frame[0] === SUBSCRIBES) this.subscribe(frame.subarray(1));
      else this.unsubscribe(frame.subarray(1));
    }
  }

  private passOver(frame: Buffer): void {
    if (this.events.knows(frame.subarray(1))) this.isSpoilt = true;
  }

  private subscribe(topic: Buffer): void {
    const admission = this.events.enter(topic);
    if (admission !== 'admitted') return this.refuse(topic, admission);
    this.socket.admit(topic);
    this.events.admitted(topic);
  }

  private unsubscribe(topic: Buffer): void {
    if (this.events.leave(topic)) this.socket.dismiss(topic);
  }

  private refuse(topic: Buffer, cause: Exclude<Admission, 'admitted'>): void {
    this.events.refused(cause);
    const text = topic.toString('latin1');
    if (this.refusedTopics.has(text)) return;
    this.refusedTopics.add(text);
    this.refusedBytes += topic.length;
  }
}

/** Else it is a message that a client sent upstream. */
function isSubscription(frame: Buffer): boolean {
  return frame[0] === SUBSCRIBES || frame[0] === UNSUBSCRIBES;
}
