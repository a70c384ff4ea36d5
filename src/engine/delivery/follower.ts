import type { Marker } from '../../domain/marker.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { MessagePage, QueueRef } from '../../storage/ports/index.js';
import type { EngineParts } from '../parts.js';
import { queueNotFound } from '../refusals.js';
import type { FollowedPage, Follower, FollowOptions } from '../stream-api.js';
import type { Watch } from './watchers.js';

/** The queue that is followed: this incarnation, and no other of its name. */
export interface Followed {
  readonly queue: string;
  readonly ref: QueueRef;
}

/** Follows one incarnation from a marker, page by page, as fast as it is asked. */
export class QueueFollower implements Follower {
  constructor(
    private readonly parts: Pick<EngineParts, 'storage' | 'gate'>,
    private readonly followed: Followed,
    private readonly options: FollowOptions,
    private readonly watch: Watch,
    private at: Marker,
  ) {}

  get position(): Marker {
    return this.at;
  }

  async next(silenceMs: number): Promise<FollowedPage> {
    for (let silent = false; ;) {
      this.parts.gate.assertOpen();
      const page = await this.read();
      if (page.messages.length > 0 || silent) return page;
      const wake = await this.watch.park(silenceMs);
      this.parts.gate.assertOpen();
      if (wake === 'over') throw new MarconiError('CANCELLED', 'The caller gave up.');
      // Looked at once more: a signal from another process may have been lost, a claim may have ended.
      silent = wake === 'silence';
    }
  }

  end(): void {
    this.watch.leave();
  }

  private async read(): Promise<FollowedPage> {
    const { storage } = this.parts;
    const { caller, echo, includeClaimed, limit, maxBytes } = this.options;
    const { ref, queue } = this.followed;
    const now = storage.clock.now();
    const position = { kind: 'after', marker: this.at } as const;
    const without = echo ? null : caller;
    const page = await storage.messages.list({
      queue: ref,
      position,
      limit,
      without,
      includeClaimed,
      maxBytes,
      now,
    });
    if (page.kind === 'gone') throw queueNotFound(queue);
    return this.passed(page, now);
  }

  private passed({ messages }: MessagePage, now: number): FollowedPage {
    const previous = this.at;
    this.at = messages.at(-1)?.marker ?? previous;
    return { messages, previous, now };
  }
}
