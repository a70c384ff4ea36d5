import type { Residual } from './index-judge.js';

const OF_A_CLAIM = 'What a claim holds is bounded, and all of it is of interest unless the claim has just ended.';
const EXPIRED = 'Only what is expired and not swept yet is read in vain.';

/** Fields that are judged by reading documents which an index gave, and why those are few. */
export const RESIDUALS: readonly Residual[] = [
  { collection: 'messages', index: 'claim', field: 'due', reason: OF_A_CLAIM },
  { collection: 'messages', index: 'claim', field: 'exp', reason: OF_A_CLAIM },
  { collection: 'messages', index: 'marker', field: 'exp', reason: EXPIRED },
  {
    collection: 'messages',
    index: 'marker',
    field: 'due',
    reason:
      'Staged messages have no number for a marker: of what is listed with claimed ones nothing is read in vain. ' +
      'Where more claims have ended than can be named, held messages are, until sweeping has let go of the ended ones.',
  },
  { collection: 'posts', index: 'queue', field: 'first', reason: 'Few records are undecided when a queue is copied.' },
  { collection: 'posts', index: 'queue', field: 'until', reason: EXPIRED },
  {
    collection: 'messages',
    index: 'due',
    field: 'po',
    reason: "Listing without one's own messages reads those too (P6 allows a bounded scan).",
  },
  { collection: 'messages', index: 'marker', field: 'po', reason: 'The same, where claimed messages are listed.' },
];
