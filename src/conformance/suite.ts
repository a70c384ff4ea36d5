import type { Area } from './area.js';
import { batchesAtOnce } from './areas/batches-at-once.js';
import { besideWriting } from './areas/beside-writing.js';
import { claimEnd } from './areas/claim-end.js';
import { claiming } from './areas/claiming.js';
import { acknowledging, deletingMany, deletingOne, popping } from './areas/deletion.js';
import { expiry, sweeping } from './areas/expiry.js';
import { grace } from './areas/grace.js';
import { incarnations } from './areas/incarnations.js';
import { listing } from './areas/listing.js';
import { opening } from './areas/opening.js';
import { crashing, reopening } from './areas/persistence.js';
import { posting } from './areas/posting.js';
import { producerKeys } from './areas/producer-keys.js';
import { projects } from './areas/projects.js';
import { queues } from './areas/queues.js';
import { findingById, reads } from './areas/reads.js';
import { release } from './areas/release.js';
import { renewal } from './areas/renewal.js';
import { sharing } from './areas/sharing.js';
import { sharingAtOnce, signals } from './areas/sharing-at-once.js';
import { skewedTaking } from './areas/skew.js';
import { statistics } from './areas/statistics.js';
import { transferring } from './areas/transfer.js';

/** Every area of the suite, in the order in which they are run. */
export const AREAS: readonly Area[] = [
  ...[opening, reopening, crashing, sharing, sharingAtOnce, signals, transferring],
  ...[queues, projects, incarnations, posting, producerKeys, listing, findingById, reads, besideWriting],
  ...[claiming, claimEnd, renewal, release, grace, skewedTaking],
  ...[deletingOne, deletingMany, acknowledging, popping, statistics, expiry, sweeping, batchesAtOnce],
];

/** What the areas are called. */
export const AREA_NAMES: readonly string[] = AREAS.map(({ name }) => name);
