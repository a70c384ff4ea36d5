import { MarconiError } from '../../../src/errors/marconi-error.js';
import type { QueueAccess, Sighting } from '../history/index.js';
import { DoorError, type DoorClient, type DoorMessage } from './door-client.js';

/** Seconds that messages live which `DoorClient.post` posts, and that claims are lengthened by. */
export const DOOR_TTL = 86_400;
export const DOOR_GRACE = 60;

/**
 * A queue through a door, for the clients of a history. `connect` gives the door's client, and waits while the node is
 * down; a call that is lost on its way stays in doubt.
 */
export function overDoor(queue: string, connect: () => Promise<DoorClient>): QueueAccess {
  const call = async <R>(run: (client: DoorClient) => Promise<R>): Promise<R> => {
    const client = await connect();
    return run(client).catch((error: unknown) => {
      throw error instanceof DoorError ? asMarconiError(error) : error;
    });
  };
  return {
    name: queue,
    post: (values, _ttl, key) =>
      call(async (client) => {
        const bodies = values.map((value) => JSON.stringify(value));
        return { ids: [...(await client.post(queue, bodies, key ?? undefined))] };
      }),
    claim: (ttl, _grace, limit) =>
      call(async (client) => {
        const claim = await client.claim(queue, limit, ttl);
        if (claim === null) return null;
        const { id, messages, mayBeOld = 0 } = claim;
        return { claim: id, messages: messages.map(sighting), mayBeOld };
      }),
    remove: (ids, claim) => call((client) => client.remove(queue, ids, claim ?? '')),
    release: (claim) => call((client) => client.release(queue, claim).then(() => true)),
    renew: (claim, ttl) => call((client) => client.renew(queue, claim, ttl)),
    list: (after, limit) =>
      call(async (client) => {
        const { messages, next } = await client.list(queue, after, limit);
        return { messages: messages.map(sighting), next };
      }),
  };
}

function sighting({ body, ...shown }: DoorMessage): Sighting {
  return { ...shown, value: JSON.parse(body) as string };
}

/** What was refused for load did nothing; all else may have taken effect. */
function asMarconiError(error: DoorError): Error {
  return error.reason === 'OVERLOADED' || error.reason === 'DRAINING'
    ? new MarconiError(error.reason, error.message, { cause: error })
    : error;
}
