import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';
import { EndedTicks } from '../../../src/storage/drivers/mongodb/ended-ticks.js';
import { Heads } from '../../../src/storage/drivers/mongodb/heads.js';
import { Readers } from '../../../src/storage/drivers/mongodb/listing.js';
import { Applier } from '../../../src/storage/drivers/mongodb/order/apply.js';
import { Poster, type PosterDeps } from '../../../src/storage/drivers/mongodb/order/post.js';
import { WholePosts } from '../../../src/storage/drivers/mongodb/order/whole-posts.js';
import type { RetryDeps } from '../../../src/storage/drivers/mongodb/retrying.js';
import { Settlers } from '../../../src/storage/drivers/mongodb/settling/settlers.js';
import { Sweeping } from '../../../src/storage/drivers/mongodb/sweeping.js';
import { Takers } from '../../../src/storage/drivers/mongodb/taking.js';

/** What a core does its steps with: all of it the driver's own. */
export interface Parts {
  readonly heads: Heads;
  readonly poster: Pick<Poster, 'post'>;
  readonly readers: Readers;
  readonly takers: Takers;
  readonly settlers: Settlers;
  readonly sweeping: Sweeping;
  /** What the parts remember of a queue, beside what is under way. */
  readonly memory: (uid: string) => unknown;
}

/** A fault that is planted: what is made otherwise than the driver makes it. */
export interface Variant {
  readonly applier?: (collections: Collections, retry: RetryDeps) => Applier;
  readonly whole?: (collections: Collections) => WholePosts;
  readonly poster?: (collections: Collections, applier: Applier, deps: PosterDeps) => Pick<Poster, 'post'>;
  readonly takenFrom?: (messages: Collections['messages']) => Collections['messages'];
  /** The same name for all pushes of one post. */
  readonly oneNonce?: true;
}

const noPause = (): Promise<void> => Promise.resolve();
const retry: RetryDeps = { monotonic: () => 0, pause: noPause };

/** Puts a core together as `MongoMessageStore` does, with names that are counted and no time that passes. */
export function partsOf(name: string, collections: Collections, variant: Variant, maxLog?: number): Parts {
  let names = 0;
  const nonce = (): string => (variant.oneNonce ? name : `${name}.${names++}`);
  const { messages } = collections;
  const applier = variant.applier?.(collections, retry) ?? new Applier(collections, retry);
  const whole = variant.whole?.(collections) ?? new WholePosts(collections);
  const ended = new EndedTicks(messages);
  const deps: PosterDeps = {
    nonce,
    background: (work) => void work().catch(() => undefined),
    retry,
    ...(maxLog === undefined ? {} : { maxLog }),
  };
  const poster = variant.poster?.(collections, applier, deps) ?? new Poster(collections, applier, deps);
  const takenFrom = variant.takenFrom?.(messages) ?? messages;
  return {
    heads: new Heads(collections.heads),
    poster,
    readers: new Readers(messages, whole, ended),
    takers: new Takers(takenFrom, { whole, ended, nonce, pause: noPause }),
    settlers: new Settlers(messages, whole, ended, noPause),
    sweeping: new Sweeping(collections, applier, ended),
    memory: (uid) => [names, poster instanceof Poster && poster['applied'].get(uid), whole['known'].get(uid)],
  };
}
