import { brokenOnce, crash, intercepted, unansweredOnce } from '../intercepted.js';
import type { Script } from '../script.js';

/** Messages whose ids fill more than one list. */
const MANY = 1_001;

/** Pushes that fill the log of a queue. */
const FULL_LOG = 64;

/** Posts of every size and fate. */
export async function scriptPosts(script: Script): Promise<void> {
  const { collections } = script;
  const queue = await script.queue();
  await script.hot('open again', () => script.kit.apply({ kind: 'open', queue: queue.ref }));
  await script.hot('post one', () => queue.post(1));
  await script.hot('post many', () => queue.post(100));

  const repeated = queue.postOp(MANY);
  await script.kit.apply(repeated);
  await script.hot('post what is stored already', () => script.kit.apply(repeated));

  const lost = intercepted(collections, 'heads', 'findOneAndUpdate', brokenOnce());
  await script.hot('post after a push that did not arrive', () => script.elsewhere(lost, queue.postOp(2)));
  const unheard = intercepted(collections, 'heads', 'findOneAndUpdate', unansweredOnce());
  await script.hot('post by a push without an answer', () => script.elsewhere(unheard, queue.postOp(2)));

  const pushing = intercepted(collections, 'messages', 'bulk', crash);
  for (let push = 0; push < FULL_LOG; push++) await script.crashing(pushing, queue.postOp(2));
  await script.hot('post to a full log', () => queue.post(1));

  await script.crashing(pushing, queue.postOp(3));
  script.kit.now += 2_000;
  await script.background('recover a post', () => script.storage.messages.sweep(script.kit.now, 100));
}

/** A reader that meets a post on its way. */
export async function scriptHelping(script: Script): Promise<void> {
  const queue = await script.queue();
  await queue.post(3);
  const half = queue.postOp(3);
  await script.crashing(intercepted(script.collections, 'messages', 'bulk', crash), half);
  const first = { _id: `m${half.batch}-0`, uid: queue.ref.uid };
  await script.collections.messages.updateOne(first, { $set: { k: 4, due: 0 } });
  const seen = await script.hot('list with a post on its way', () => queue.ids());
  if (seen.length !== 6) throw new Error('The post was not helped on its way.');
}
