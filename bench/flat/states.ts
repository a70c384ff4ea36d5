import type { ClientId } from '../../src/domain/client-id.js';
import type { Millis } from '../../src/domain/time.js';
import type { QueueRef, Storage } from '../../src/storage/ports/index.js';
import { claimFirst, FOREIGN, OWN, SHORT_TTL, type PosterOf } from './backlog.js';

/** When every backlog was posted; the bench passes the time in, so nothing has to be waited for. */
export const POSTED_AT: Millis = 1_800_000_000_000;

const CLAIM_TTL = 43_200;
const SECOND = 1_000;

/** A state that a backlog may be in, and how it is used in it. */
export interface BacklogState {
  readonly name: string;
  readonly posterOf: PosterOf;
  /** Brings a fresh backlog into the state. */
  prepare(storage: Storage, queue: QueueRef, size: number): Promise<void>;
  /** The time of the measured calls. */
  readonly now: Millis;
  /** The poster that listing leaves out. */
  readonly without: ClientId | null;
  /** Listing shows claimed messages and begins in the middle of the backlog. */
  readonly fromMiddle: boolean;
}

const own: PosterOf = () => OWN;
const soon = POSTED_AT + SECOND;

const free: BacklogState = {
  name: 'all free',
  posterOf: own,
  prepare: async () => undefined,
  now: soon,
  without: null,
  fromMiddle: false,
};

const claimed: BacklogState = {
  ...free,
  name: 'first 95 % claimed',
  prepare: (storage, queue, size) => claimFirst(storage, queue, Math.floor(size * 0.95), soon, CLAIM_TTL),
};

/** The states of the promise P6 of the design. */
export const STATES: readonly BacklogState[] = [
  free,
  claimed,
  { ...free, name: "all the caller's, echo off", without: OWN },
  {
    ...free,
    name: 'own and foreign alternating, echo off',
    posterOf: (index) => (index % 2 === 0 ? OWN : FOREIGN),
    without: OWN,
  },
  { ...free, name: 'first half expired in one second, unswept', now: POSTED_AT + SHORT_TTL * SECOND },
  {
    ...free,
    name: 'all claims ended in one second, unswept',
    prepare: (storage, queue, size) => claimFirst(storage, queue, size, soon, SHORT_TTL),
    now: soon + SHORT_TTL * SECOND,
  },
  { ...claimed, name: 'first 95 % claimed, listed with them from the middle', fromMiddle: true },
];
