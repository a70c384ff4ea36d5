import { Applier } from '../../../src/storage/drivers/mongodb/order/apply.js';
import { Hasty, Reserving, Selfish, undecided, Untimely } from '../planted/posting.js';
import { unfenced } from '../planted/taking.js';
import type { Scenario } from '../world/model-world.js';
import { following, isPush, opened, posting, readingAll, sweeping, UID, unseen } from '../world/scripts.js';
import { claiming, filled, settling, unseenByClaims } from './claims.js';
import { keyed, waiting } from './keys.js';

const base = { setup: opened(UID), finish: readingAll, eager: unseen };
const A = posting([{ name: 'a', count: 2 }]);
const B = posting([{ name: 'b', count: 2 }]);

/** A fault, a scenario that it fails, and what it comes to. */
export interface Planted extends Scenario {
  readonly found: RegExp;
  /** True where it takes minutes to find. */
  readonly long?: boolean;
}

/** Faults that are planted, and must be found. */
export const PLANTED: readonly Planted[] = [
  {
    ...base,
    name: 'markers are reserved before messages are inserted',
    actors: { A, B },
    variant: { poster: (collections) => new Reserving(collections) },
    eager: undefined,
    found: /behind a reader/,
  },
  {
    ...base,
    name: 'rule R is left out',
    actors: { A, R: following(2) },
    variant: { whole: (collections) => new Hasty(collections) },
    found: /not the rest of its post/,
  },
  {
    ...base,
    name: 'posts leave the log before they are applied',
    actors: { A, B },
    faults: { crashes: 1 },
    variant: { applier: (collections, retry) => new Untimely(collections, retry) },
    found: /never visible|in part|behind a reader/,
  },
  {
    ...base,
    name: 'a core applies only its own posts',
    actors: { A, B },
    variant: { applier: (collections, retry) => new Selfish(collections, retry) },
    found: /behind a reader/,
  },
  {
    ...base,
    name: 'every try of a push has the same name',
    actors: { A: posting([{ name: 'a', count: 1 }]), B: posting([{ name: 'b', count: 1 }]), S: sweeping() },
    faults: { losses: 1, to: ['A'], at: isPush },
    variant: { oneNonce: true },
    found: /behind a reader|lies at|is acknowledged at/,
    long: true,
  },
  {
    ...base,
    name: 'the producer key is not decided',
    actors: { A: posting([keyed('a')]), B: waiting(2_000, keyed('b')) },
    variant: { applier: (collections, retry) => new Applier(undecided(collections), retry) },
    found: /has its key/,
  },
  {
    name: 'claims take what was read, whoever holds it now',
    setup: filled(1),
    consumes: true,
    eager: unseenByClaims,
    actors: { A: claiming('a', 1), B: claiming('b', 1) },
    variant: { takenFrom: (messages) => unfenced(messages, 'ep', 'due') },
    found: /holds until/,
  },
  {
    name: 'claims take what is free without a look at its epoch',
    setup: filled(1, 12),
    consumes: true,
    eager: unseenByClaims,
    actors: { A: claiming('a', 1, 0), B: settling('b', 1, 'releaseIfLive') },
    variant: { takenFrom: (messages) => unfenced(messages, 'ep') },
    found: /is shortened/,
  },
];
