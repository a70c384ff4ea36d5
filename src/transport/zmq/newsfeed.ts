import { setTimeout as sleep } from 'node:timers/promises';
import type { Marker } from '../../domain/marker.js';
import type { Follower } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import { FOLLOW_RETRY_MS, PUBLICATION, PUBLICATION_PAUSE_MS } from './limits.js';
import { goneFrame, pageFrame, positionFrame } from './publication.js';

/** What the feed of a queue needs. */
export interface NewsfeedParts {
  /** Follows the queue from now on. Rejects as `Delivery.follow` does. */
  follow(signal: AbortSignal): Promise<Follower>;
  /** Sends a frame to all who listen; resolves when it is on its way. */
  publish(frame: Uint8Array): Promise<void>;
  /** False when nobody listens any more; the feed is ended then. */
  isHeard(): boolean;
  /** What nobody foresaw failed; it is tried again all the same. */
  troubled(error: MarconiError): void;
  /** Silence after which it is told where the queue is. */
  readonly silenceMs: number;
}

/** Follows one queue for all its subscribers, and begins again after whatever fails. */
export class Newsfeed {
  private readonly ending = new AbortController();
  /** Where the last publication ended; null while the queue is not followed. */
  private position: Marker | null = null;
  private failures = 0;
  private isGone = false;

  constructor(private readonly parts: NewsfeedParts) {
    void this.run();
  }

  /** Where the queue is, for newcomers; null when all will be told soon. */
  get whereabouts(): Uint8Array | null {
    return this.position === null ? null : positionFrame(this.position);
  }

  end(): void {
    this.ending.abort();
  }

  private get isOver(): boolean {
    return this.ending.signal.aborted;
  }

  private async run(): Promise<void> {
    do {
      const error = await this.follow().catch((thrown: unknown) => MarconiError.from(thrown));
      this.position = null;
      if (error === undefined || error.reason === 'DRAINING' || this.isOver) return;
      if (error.reason === 'INTERNAL') this.parts.troubled(error);
      if (error.reason === 'QUEUE_NOT_FOUND') await this.tellGone(error);
      await this.pause(this.retryMs());
    } while (!this.isOver && this.parts.isHeard());
  }

  private async follow(): Promise<undefined> {
    const follower = await this.parts.follow(this.ending.signal);
    try {
      this.isGone = false;
      await this.tell(follower.position, positionFrame(follower.position));
      while (!this.isOver) {
        const page = await follower.next(this.parts.silenceMs);
        this.failures = 0;
        const frame = pageFrame(page, follower.position);
        await this.tell(follower.position, frame);
        // A full page means that it is behind.
        if (page.messages.length < PUBLICATION.messages && frame.length < PUBLICATION.bytes / 2) {
          await this.pause(PUBLICATION_PAUSE_MS);
        }
      }
    } finally {
      follower.end();
    }
  }

  private tell(position: Marker, frame: Uint8Array): Promise<void> {
    this.position = position;
    return this.parts.publish(frame);
  }

  /** Once for each time that it goes: what a subscriber knows of its position is of no use then. */
  private async tellGone(error: MarconiError): Promise<void> {
    if (this.isGone) return;
    this.isGone = true;
    await this.parts.publish(goneFrame(error));
  }

  private retryMs(): number {
    const { least, most } = FOLLOW_RETRY_MS;
    return Math.min(least * 2 ** this.failures++, most) * (0.5 + Math.random());
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined);
  }
}
