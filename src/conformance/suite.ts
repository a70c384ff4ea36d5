import type { Area, OwnArea } from './area.js';
import { claimEnd } from './areas/claim-end.js';
import { claiming } from './areas/claims.js';
import { acknowledging, deletingMany, deletingOne, popping } from './areas/deletion.js';
import { expiry, sweeping } from './areas/expiry.js';
import { grace } from './areas/grace.js';
import { incarnations } from './areas/incarnations.js';
import { listing } from './areas/listing.js';
import { opening } from './areas/opening.js';
import { posting } from './areas/posting.js';
import { producerKeys } from './areas/producer-keys.js';
import { projects } from './areas/projects.js';
import { queues } from './areas/queues.js';
import { findingById, reads } from './areas/reads.js';
import { release } from './areas/release.js';
import { renewal } from './areas/renewal.js';
import { statistics } from './areas/statistics.js';

/** The areas whose cases make their own storages: run once. */
export const OWN_AREAS: readonly OwnArea[] = [opening];

/** The areas that share a storage: run in every round. */
export const SHARED_AREAS: readonly Area[] = [
  ...[queues, projects, incarnations, posting, producerKeys, listing, findingById, reads],
  ...[claiming, claimEnd, renewal, release, grace],
  ...[deletingOne, deletingMany, acknowledging, popping, statistics, expiry, sweeping],
];

/** The rounds of the shared areas; sweeping follows every step in time in the second, and must never be seen. */
export const ROUNDS = [
  { name: 'unswept', swept: false },
  { name: 'swept', swept: true },
] as const;
