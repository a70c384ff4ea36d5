import type { QueueRef } from '../../storage/ports/index.js';
import type { CallContext, Claims } from '../api.js';
import { createClaimer } from '../claims/claimer.js';
import { createPoster } from '../messages/post.js';
import type { EngineParts } from '../parts.js';
import { queueNotFound } from '../refusals.js';
import type {
  ConsumeOptions,
  Consumer,
  ConsumerEvents,
  Delivery,
  Follower,
  FollowOptions,
  Publisher,
} from '../stream-api.js';
import { QueueConsumer } from './consumer.js';
import { QueueFeed } from './feed.js';
import { markerOf } from './follow-from.js';
import { QueueFollower } from './follower.js';
import type { OpenStreams } from './open-streams.js';
import { ChainedPublisher } from './publisher.js';

/** Makes the streams of the engine; `streams` knows those that are open. */
export function createDelivery(parts: EngineParts, claims: Claims, streams: OpenStreams): Delivery {
  const { directory, gate, waiters, storage } = parts;
  const claimer = createClaimer(parts);
  const poster = createPoster(parts);

  /** The queue's incarnation, proven to be its own by use. */
  async function open<T>(ctx: CallContext, queue: string, use: (ref: QueueRef) => Promise<T>) {
    gate.assertOpen();
    const opened = await directory.use(ctx.scope, queue, async (ref) => {
      const stats = await storage.messages.stats(ref, storage.clock.now());
      return stats.kind === 'gone' ? stats : { ref, value: await use(ref) };
    });
    if (opened === null) throw queueNotFound(queue);
    return opened;
  }

  async function consume(
    ctx: CallContext,
    queue: string,
    options: ConsumeOptions,
    events: ConsumerEvents,
  ): Promise<Consumer> {
    const { ref } = await open(ctx, queue, () => Promise.resolve());
    gate.assertOpen();
    const left = streams.enter(() => events.draining());
    return new QueueConsumer({ ...parts, claimer, claims }, { ctx, queue, ref }, options, events, left);
  }

  async function follow(ctx: CallContext, queue: string, options: FollowOptions): Promise<Follower> {
    const { ref, value: marker } = await open(ctx, queue, (found) => markerOf(storage, found, options.from));
    if (typeof marker !== 'number') throw queueNotFound(queue);
    return new QueueFollower(parts, { queue, ref }, options, waiters.follow(ref.uid, ctx.signal), marker);
  }

  function publish(ctx: CallContext, draining: () => void): Publisher {
    gate.assertOpen();
    return new ChainedPublisher({ ...parts, poster }, ctx, streams.enter(draining));
  }

  return {
    publish,
    consume,
    feed: (ctx, queues, options, events) => {
      const left = streams.enter(() => events.draining());
      return new QueueFeed({ ...parts, claimer, claims }, ctx, queues, options, events, left);
    },
    follow,
  };
}
