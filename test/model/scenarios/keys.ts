import type { ProducerKey } from '../../../src/storage/ports/index.js';
import { START, type Scenario, type Script } from '../world/model-world.js';
import { begun, keyOf, opened, post, posting, readingAll, sweeping, UID, unseen, type Post } from '../world/scripts.js';

const base = { setup: opened(UID), finish: readingAll, eager: unseen };
const key = keyOf(1);
/** A post under the one key. */
export const keyed = (name: string, count = 1, own: ProducerKey = key) => ({ name, count, key: own });

/** Waits until a post that took the key may be taken over, or longer. */
export const waiting =
  (ms: number, ...group: readonly Post[]): Script =>
  async (actor) => {
    await begun(actor, 'a wait');
    await post(actor, UID, group, START + ms);
  };

/** Two posts under one key. */
export const KEYS: readonly Scenario[] = [
  {
    ...base,
    name: 'two posts under one key at once, a core that dies',
    actors: { A: posting([keyed('a', 2)]), B: posting([keyed('b', 2)]) },
    faults: { crashes: 1 },
  },
  {
    ...base,
    name: 'a post takes a key over after patience, a core that dies',
    actors: { A: posting([keyed('a')]), B: waiting(2_000, keyed('b')) },
    faults: { crashes: 1 },
  },
  {
    ...base,
    name: 'a post takes a key over after patience, sweeping',
    actors: { A: posting([keyed('a')]), B: waiting(2_000, keyed('b')), S: sweeping() },
  },
  {
    ...base,
    name: 'a post takes a key over after patience, an answer lost',
    actors: { A: posting([keyed('a')]), B: waiting(2_000, keyed('b')) },
    faults: { losses: 1, to: ['A'] },
  },
  {
    ...base,
    name: 'a post takes a key over after patience, another post beside it',
    actors: {
      A: posting([keyed('a'), { name: 'c', count: 1 }]),
      B: waiting(2_000, keyed('b')),
      C: posting([{ name: 'd', count: 1 }]),
    },
  },
  {
    ...base,
    name: 'a key is used for another content',
    actors: { A: posting([keyed('a')]), B: posting([keyed('b', 1, keyOf(1, 'other'))]) },
  },
];
