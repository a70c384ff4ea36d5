import type { Scenario } from '../world/model-world.js';
import { following, isPush, opened, posting, readingAll, sweeping, UID, unseen } from '../world/scripts.js';

const base = { setup: opened(UID), finish: readingAll, eager: unseen };

/** A post of so many messages. */
const of = (name: string, count: number) => ({ name, count });

/** Posts, helpers, readers, and what may go wrong with them. */
export const ORDER: readonly Scenario[] = [
  {
    ...base,
    name: 'two posters of two messages, sweeping, a core that dies',
    actors: { A: posting([of('a', 2)]), B: posting([of('b', 2)]), S: sweeping() },
    faults: { crashes: 1 },
  },
  {
    ...base,
    name: 'a poster of two groups and another one, a core that dies',
    actors: { A: posting([of('a', 1), of('b', 1)], [of('c', 1)]), B: posting([of('d', 2)]) },
    faults: { crashes: 1 },
  },
  {
    ...base,
    name: 'three posters',
    actors: { A: posting([of('a', 1)]), B: posting([of('b', 1)]), C: posting([of('c', 2)]) },
  },
  {
    ...base,
    name: 'two posters, any answer lost',
    actors: { A: posting([of('a', 1)], [of('b', 1)]), B: posting([of('c', 1)]) },
    faults: { losses: 1 },
  },
  {
    ...base,
    name: 'two posters, the answer to a push lost, sweeping',
    actors: { A: posting([of('a', 1)]), B: posting([of('b', 2)]), S: sweeping() },
    faults: { losses: 1, to: ['A'], at: isPush },
  },
  {
    ...base,
    name: 'two posters, a log for one push, sweeping',
    actors: { A: posting([of('a', 1)]), B: posting([of('b', 1)]), S: sweeping() },
    maxLog: 1,
  },
  {
    ...base,
    name: 'two posters, a log for one push, an answer lost',
    actors: { A: posting([of('a', 1)]), B: posting([of('b', 1)]) },
    maxLog: 1,
    faults: { losses: 1 },
  },
  {
    ...base,
    name: 'a reader that follows two posters',
    actors: { A: posting([of('a', 2)]), B: posting([of('b', 1)]), R: following(2) },
  },
  {
    ...base,
    name: 'a reader whose pages cut posts, a poster that dies',
    actors: { A: posting([of('a', 1), of('b', 3)]), R: following(4, 2) },
    faults: { crashes: 1 },
  },
  {
    ...base,
    name: 'a reader whose page yields to two posters',
    actors: { A: posting([of('a', 2)]), B: posting([of('b', 1)]), R: following(1) },
    yields: true,
  },
  {
    ...base,
    name: 'a poster, every command of it told apart, sweeping, all faults',
    actors: { A: posting([of('a', 2)]), S: sweeping() },
    eager: undefined,
    faults: { crashes: 1, losses: 1 },
  },
];
