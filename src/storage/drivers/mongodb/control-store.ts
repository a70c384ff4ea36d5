import { Binary } from 'mongodb';
import type { Project } from '../../../domain/principal.js';
import type { Millis } from '../../../domain/time.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import type { ControlStore, QueueCreation, QueuePageQuery, QueueRecord, QueueRef } from '../../ports/index.js';
import type { Collections } from './collections.js';
import type { QueueDoc } from './documents.js';
import { inParts } from './queries.js';
import { retrying } from './retrying.js';

/** Times that a name may be taken and given up again while it is looked at. */
const TRIES = 5;

/** Queues by project and name: one document each, whose insertion, change and deletion are the atomic steps. */
export class MongoControlStore implements ControlStore {
  constructor(private readonly queues: Collections['queues']) {}

  /** As the port says: whoever inserts the name first has it. */
  async createQueue(project: Project, name: string, ref: QueueRef, now: Millis): Promise<QueueCreation> {
    const doc = docOf(project, name, ref, now);
    for (let tries = 0; tries < TRIES; tries++) {
      const taken = await retrying(() => this.queues.insertAll([doc]));
      if (taken.size === 0) return { created: true, queue: recordOf(doc) };
      const present = await this.find(project, name);
      // Its own uid: the first answer to the insertion was lost.
      if (present !== null) return { created: present.uid === ref.uid, queue: recordOf(present) };
    }
    throw new MarconiError('OVERLOADED', 'The queue is created and deleted all the time.', { retryAfterMs: 250 });
  }

  async findQueue(project: Project, name: string): Promise<QueueRecord | null> {
    const found = await this.find(project, name);
    return found === null ? null : recordOf(found);
  }

  async listQueues({ project, after, limit }: QueuePageQuery): Promise<readonly QueueRecord[]> {
    const filter = { project: keyOf(project), name: { $gt: after } };
    const found = await retrying(() => this.queues.find(filter, { sort: { name: 1 }, limit }));
    return found.map(recordOf);
  }

  async setMetadata(project: Project, name: string, metadata: Uint8Array): Promise<boolean> {
    const update = { $set: { metadata: new Binary(metadata) } };
    return (await retrying(() => this.queues.updateOne(filterOf(project, name), update))) === 'found';
  }

  /** As the port says; after a lost answer the name may be gone by the first try. */
  async deleteQueue(project: Project, name: string, uid: string): Promise<boolean> {
    const filter = { ...filterOf(project, name), uid };
    return retrying(async (doubtful) => {
      const { deleted } = await this.queues.bulk([{ kind: 'delete', filter }], { ordered: true });
      return deleted > 0 || doubtful;
    });
  }

  async namedUids(uids: readonly string[]): Promise<ReadonlySet<string>> {
    const named = await inParts(uids, (part) =>
      retrying(() => this.queues.find({ uid: { $in: part } }, { limit: part.length, fields: { uid: 1 } })),
    );
    return new Set(named.map(({ uid }) => uid));
  }

  private find(project: Project, name: string): Promise<QueueDoc | null> {
    return retrying(() => this.queues.findOne(filterOf(project, name)));
  }
}

/** The global project is no text that a named one can be. */
export function keyOf(project: Project): string {
  return project === null ? '-' : `+${project}`;
}

function projectOf(key: string): Project {
  return key === '-' ? null : key.slice(1);
}

function filterOf(project: Project, name: string) {
  return { project: keyOf(project), name };
}

/** The document of a queue with no metadata yet. */
export function docOf(project: Project, name: string, { uid, pool }: QueueRef, now: Millis): QueueDoc {
  const key = keyOf(project);
  const metadata = new Binary(Buffer.from('{}'));
  return { _id: JSON.stringify([key, name]), project: key, name, uid, pool, metadata, createdAt: new Date(now) };
}

/** The queue as the port knows it. */
export function recordOf({ project, name, uid, pool, metadata, createdAt }: QueueDoc): QueueRecord {
  return {
    project: projectOf(project),
    name,
    ref: { uid, pool },
    // A copy: what the driver gives is a view of the whole reply.
    metadata: new Uint8Array(metadata.value()),
    createdAt: createdAt.getTime(),
  };
}
