import type { Signals, Unwatch } from '../../../ports/index.js';
import { hasNoChangeStreams, type ChangeFeed } from './change-feed.js';
import type { HeadPoll } from './head-poll.js';
import type { Interests } from './interests.js';

/** Milliseconds between two polls. */
const POLL_MS = 40;

/** Polls between two tries to open a change stream that broke. */
const POLLS_BEFORE_STREAM = 50;

/** Milliseconds for which a stream stays open though nobody waits. */
const LINGER_MS = 10_000;

/** Where signals come from. */
export interface Sources {
  readonly interests: Interests;
  readonly poll: Pick<HeadPoll, 'look'>;
  /** Null where the server is known to have no change streams. */
  readonly feed: Pick<ChangeFeed, 'follow'> | null;
  readonly sleep: (ms: number) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/**
 * Hears of other processes' posts, releases and fences: by a change stream where the server has them, else, and while
 * the stream is broken, by polling the heads of the queues that somebody waits for. Nothing runs while nobody waits.
 */
export class MongoSignals implements Signals {
  private running: Promise<void> | null = null;
  private closed = false;
  private streams: boolean;
  private wantedAt = 0;

  constructor(private readonly sources: Sources) {
    this.streams = sources.feed !== null;
  }

  watch(uid: string, changed: () => void): Unwatch {
    const end = this.sources.interests.add(uid, changed);
    this.start();
    return end;
  }

  /** Stops listening; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private start(): void {
    this.running ??= this.run().finally(() => {
      this.running = null;
      // Somebody may have come while it ended.
      if (this.wanted()) this.start();
    });
  }

  private async run(): Promise<void> {
    while (this.wanted()) {
      if (this.streams) await this.follow();
      for (let polls = 0; this.wanted() && !(this.streams && polls === POLLS_BEFORE_STREAM); polls++) {
        await this.sources.poll.look().catch(() => undefined);
        await this.sources.sleep(POLL_MS);
      }
    }
  }

  private async follow(): Promise<void> {
    try {
      await this.sources.feed?.follow(() => this.lingering());
    } catch (error) {
      if (hasNoChangeStreams(error)) this.streams = false;
    }
  }

  private wanted(): boolean {
    return !this.closed && this.sources.interests.size > 0;
  }

  /** Waits come and go: a stream outlives them for a while. */
  private lingering(): boolean {
    if (this.wanted()) this.wantedAt = this.sources.monotonic();
    return !this.closed && this.sources.monotonic() - this.wantedAt < LINGER_MS;
  }
}
