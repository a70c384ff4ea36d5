import { MarconiError } from '../../errors/marconi-error.js';
import type { QueueRef } from '../../storage/ports/index.js';
import type { CallContext, Post, Receipt } from '../api.js';
import type { Chain } from '../commit/chain.js';
import { overloaded } from '../commit/overloaded.js';
import { jittered } from '../jitter.js';
import type { Poster } from '../messages/post.js';
import type { EngineParts } from '../parts.js';
import type { Publisher } from '../stream-api.js';

/** Between two looks for room when nothing of the stream is under way, on average. */
const ROOM_PAUSE_MS = 50;

/** Vain looks for room after which the stream is refused: about 5 seconds. */
const MAX_LOOKS = 100;

/** What a publisher works with. */
export interface PublisherDeps extends Pick<EngineParts, 'commit' | 'directory' | 'gate' | 'timers' | 'random'> {
  readonly poster: Poster;
}

/**
 * Posts of one stream in their order. The first post to a queue goes alone and finds the incarnation; those that follow
 * go to it many at once, in a chain. A post with a producer key goes alone too: it may be refused by itself, within a
 * commit that stores what came after it. Nothing follows one that goes alone until it is answered.
 */
export class ChainedPublisher implements Publisher {
  private readonly chain: Chain = { broken: false };
  private target: { readonly queue: string; readonly ref: QueueRef } | null = null;
  private underWay = 0;
  private aloneUnderWay = false;
  private vainLooks = 0;
  private answered: (() => void) | null = null;

  constructor(
    private readonly deps: PublisherDeps,
    private readonly ctx: CallContext,
    private readonly left: () => void,
  ) {}

  tryPost(queue: string, post: Post): Promise<Receipt> | null {
    const target = this.target?.queue === queue ? this.target : null;
    const alone = target === null || post.key !== null;
    if (this.underWay > 0 && (alone || this.aloneUnderWay)) return null;
    if (target !== null && this.lacksRoom(target.ref, post)) return null;
    this.vainLooks = 0;
    this.underWay++;
    this.aloneUnderWay = alone;
    return this.post(queue, target?.ref ?? null, post).finally(() => {
      this.underWay--;
      this.answered?.();
    });
  }

  async whenReady(): Promise<void> {
    if (this.underWay > 0) {
      await new Promise<void>((resolve) => (this.answered = resolve));
      this.answered = null;
      return;
    }
    if (++this.vainLooks > MAX_LOOKS) throw overloaded('node');
    const { timers, random } = this.deps;
    await new Promise<void>((resolve) => timers.after(jittered(ROOM_PAUSE_MS, random), resolve));
  }

  end(): void {
    this.left();
  }

  private lacksRoom(queue: QueueRef, { poster, messages }: Post): boolean {
    return this.deps.commit.wouldRefuse({ kind: 'post', queue, batch: '', poster, messages, key: null });
  }

  private async post(queue: string, ref: QueueRef | null, post: Post): Promise<Receipt> {
    const { poster, directory, gate } = this.deps;
    try {
      if (this.chain.broken) throw new MarconiError('CANCELLED', 'An earlier post of the stream was not stored.');
      gate.assertOpen();
      const prepared = poster.prepare(post);
      if (ref !== null) return poster.receipt(queue, await poster.submit(ref, prepared, this.chain));
      const outcome = await directory.use(this.ctx.scope, queue, (found) => {
        this.target = { queue, ref: found };
        return poster.submit(found, prepared);
      });
      return poster.receipt(queue, outcome);
    } catch (thrown) {
      this.chain.broken = true;
      throw thrown;
    }
  }
}
