import type { Storage } from '../../storage/ports/index.js';
import { CRASH, REOPEN, SECOND, SHARED, type Facts, type Need } from '../facts.js';
import type { StorageFactory, StorageUnderTest } from '../factory.js';
import * as claims from './claim-faults.js';
import * as posts from './post-faults.js';
import { Notes, type Planting, type Scene } from './scene.js';
import * as shows from './show-faults.js';

/** A fault that can be planted. */
interface Fault {
  readonly plant: Planting;
  /** What a storage needs so that the fault can be seen in it. */
  readonly need?: Need;
}

const REOPEN_OR_CRASH: Need = {
  text: 'data that outlives closing',
  met: (facts) => REOPEN.met(facts) || CRASH.met(facts),
};

const TABLE = {
  'loses-post': { plant: posts.losesPost },
  'shows-half-post': { plant: posts.showsHalfPost },
  'forgets-producer-key': { plant: posts.forgetsProducerKey },
  'repeats-marker': { plant: shows.repeatsMarker },
  'lists-out-of-order': { plant: shows.listsOutOfOrder },
  'claims-twice': { plant: claims.claimsTwice },
  'claims-newest-first': { plant: claims.claimsNewestFirst },
  'honours-ended-claim': { plant: claims.honoursEndedClaim },
  'late-acknowledge-deletes': { plant: claims.lateAcknowledgeDeletes },
  'serves-expired': { plant: shows.servesExpired },
  'stats-off-by-one': { plant: shows.statsOffByOne },
  'stats-negative': { plant: shows.statsNegative },
  'fence-not-seen': { plant: shows.fenceNotSeen },
  'sweep-shows': { plant: claims.sweepShows },
  'mixes-queues': { plant: shows.mixesQueues },
  'mixes-projects': { plant: shows.mixesProjects },
  'clock-goes-back': { plant: shows.clockGoesBack },
  hangs: { plant: claims.hangs },
  'drops-on-reopen': { plant: posts.dropsOnReopen, need: REOPEN_OR_CRASH },
  'sees-others-late': { plant: posts.seesOthersLate, need: SECOND },
  'shows-behind-reader': { plant: posts.showsBehindReader, need: SECOND },
  'ignores-skew': { plant: claims.ignoresSkew, need: SHARED },
} as const satisfies Record<string, Fault>;

/** The name of a fault. */
export type FaultName = keyof typeof TABLE;

const FAULTS: Readonly<Record<FaultName, Fault>> = TABLE;

/** The faults that can be planted into any storage. */
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** What a storage lacks so that the fault could be seen in it; null when nothing. */
export function faultLacks(fault: FaultName, facts: Facts): string | null {
  const { need } = FAULTS[fault];
  return need === undefined || need.met(facts) ? null : need.text;
}

/** The storage with a fault planted, so that a suite can be seen to find it. For an instance alone on its data. */
export function faulty(storage: Storage, fault: FaultName): Storage {
  return FAULTS[fault].plant(storage, { notes: new Notes(), instance: 0, reopened: false });
}

/** The factory whose storages have the fault in every instance, and when they are opened again. */
export function faultyFactory(factory: StorageFactory, fault: FaultName): StorageFactory {
  return { create: async () => plantEverywhere(await factory.create(), FAULTS[fault].plant) };
}

function plantEverywhere(made: StorageUnderTest, plant: Planting): StorageUnderTest {
  const notes = new Notes();
  let instances = 1;
  const planted = (storage: Storage, scene: Omit<Scene, 'notes'>) => plant(storage, { notes, ...scene });
  const again = (open: () => Promise<Storage>) => async () => planted(await open(), { instance: 0, reopened: true });
  const { storage, reopen, second, crash, dispose } = made;
  return {
    storage: planted(storage, { instance: 0, reopened: false }),
    reopen: reopen && again(() => reopen()),
    ...(second && { second: async () => planted(await second(), { instance: instances++, reopened: false }) }),
    ...(crash && { crash: again(() => crash()) }),
    dispose: () => dispose(),
  };
}
