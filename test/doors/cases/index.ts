import type { Cases } from '../stage.js';
import { clients, projects } from './callers.js';
import { acknowledging, claiming, holding } from './claims.js';
import { deleting, popping } from './deleting.js';
import { posting, repeating } from './posting.js';
import { metadata, queueLists, queues, stats } from './queues.js';
import { listing, reading } from './reading.js';

/** All behaviours, by what they are about. */
export const areas: Readonly<Record<string, Cases>> = {
  'a queue': queues,
  metadata,
  'lists of queues': queueLists,
  stats,
  projects,
  clients,
  posting,
  'a repeated post': repeating,
  listing,
  reading,
  deleting,
  popping,
  claiming,
  'holding claims': holding,
  acknowledging,
};
