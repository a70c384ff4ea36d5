import type { PostOp } from '../../../../src/storage/ports/index.js';
import type { QueueKit } from '../../../../src/conformance/queue-kit.js';
import { before, crash, intercepted } from '../intercepted.js';
import type { Script } from '../script.js';

/** Keys whose names fill more than one list. */
const MANY = 1_001;

const keyed = (queue: QueueKit, sequence: number, window = 100): PostOp =>
  queue.postOp(1, { key: { producer: 'p', sequence: String(sequence), fingerprint: 'f', window } });

/** Posts with producer keys: first, repeated, taken over, lost and outlived. */
export async function scriptKeys(script: Script): Promise<void> {
  const { collections, kit } = script;
  const queue = await script.queue();
  const post = (name: string, sequence: number) => script.hot(name, () => kit.apply(keyed(queue, sequence)));
  await post('post with a key', 1);
  await post('repeat a post with a key', 1);

  await script.crashing(intercepted(collections, 'heads', 'findOneAndUpdate', crash), keyed(queue, 2));
  await post('post with a key that is busy', 2);
  kit.now += 3_000;
  await post('take a key over', 2);

  await script.crashing(intercepted(collections, 'posts', 'bulk', crash), keyed(queue, 3));
  await post('post with the key of a post on its way', 3);

  await scriptLostKeys(script, queue);
  kit.now += 200_000;
  await post('post with a key that is over', 1);
}

/** Many keyed posts of a slow core, one of whose keys is taken over meanwhile. */
async function scriptLostKeys(script: Script, queue: QueueKit): Promise<void> {
  const { collections, kit } = script;
  const posts = Array.from({ length: MANY }, (_, index) => keyed(queue, 1_000 + index));
  const takeOver = async (): Promise<void> => {
    kit.now += 3_000;
    await kit.apply(keyed(queue, 1_000));
  };
  const slow = intercepted(collections, 'heads', 'findOneAndUpdate', before(takeOver));
  const outcomes = await script.hot('post with many keys and lose one', () => script.elsewhere(slow, ...posts));
  const duplicates = outcomes.filter((outcome) => outcome.kind === 'posted' && outcome.duplicate);
  if (duplicates.length !== 1) throw new Error('No key was lost.');
}
