import type { Marker } from '../../domain/marker.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { Gone, QueueRef, Storage } from '../../storage/ports/index.js';
import { messageNotFound } from '../refusals.js';
import type { FollowFrom } from '../stream-api.js';

/** How often the newest message is looked for when it is taken away meanwhile. */
const TRIES = 20;

/** The marker after which a follower begins; `gone` when there is no such incarnation. */
export async function markerOf(storage: Storage, ref: QueueRef, from: FollowFrom): Promise<Marker | Gone> {
  switch (from.kind) {
    case 'after':
      return from.marker;
    case 'afterMessage':
      return markerOfMessage(storage, ref, from.id);
    case 'now':
      return newestMarker(storage, ref);
    case 'nowhere':
      throw MarconiError.invalidField('marker', 'expected decimal digits or the id of a message');
  }
}

async function markerOfMessage(storage: Storage, ref: QueueRef, id: string): Promise<Marker | Gone> {
  const found = await find(storage, ref, id);
  if (found === null) throw messageNotFound(id);
  return found;
}

/**
 * The marker of the newest message; 0 when there is none, as then all that comes is new. The newest may be deleted
 * between the two looks, and another one is the newest then.
 */
async function newestMarker(storage: Storage, ref: QueueRef): Promise<Marker | Gone> {
  for (let left = TRIES; left > 0; left--) {
    const stats = await storage.messages.stats(ref, storage.clock.now());
    if (stats.kind === 'gone') return stats;
    if (stats.newest === null) return 0;
    const found = await find(storage, ref, stats.newest.id);
    if (found !== null) return found;
  }
  throw new MarconiError('OVERLOADED', 'The newest message changes too fast to begin after it; try again.', {
    retryAfterMs: 100,
  });
}

async function find(storage: Storage, ref: QueueRef, id: string): Promise<Marker | Gone | null> {
  const found = await storage.messages.getMany(ref, [id], 1, storage.clock.now());
  if (found.kind === 'gone') return found;
  return found.messages[0]?.marker ?? null;
}
