import type {
  ControlStore,
  Millis,
  Project,
  QueueCreation,
  QueuePageQuery,
  QueueRecord,
  QueueRef,
} from 'marconi/storage';
import type { Key } from 'lmdb';
import type { Database } from './database.js';

/**
 * Queues by project and name. A project and a name are parts of a key, and the global project is null there, so that
 * none can be taken for another.
 */
export class LmdbControlStore implements ControlStore {
  constructor(private readonly db: Database) {}

  createQueue(project: Project, name: string, ref: QueueRef, now: Millis): Promise<QueueCreation> {
    return this.db.write(() => {
      const present = this.find(project, name);
      if (present) return { created: false, queue: present };
      const queue = { project, name, ref, metadata: Buffer.from('{}'), createdAt: now };
      this.db.put(nameKey(project, name), queue);
      this.db.put(['named', ref.uid], true);
      return { created: true, queue };
    });
  }

  async findQueue(project: Project, name: string): Promise<QueueRecord | null> {
    return this.db.read(() => this.find(project, name));
  }

  async listQueues({ project, after, limit }: QueuePageQuery): Promise<readonly QueueRecord[]> {
    return this.db.read(() => {
      const page = this.db.range<QueueRecord>(nameKey(project), [after], { exclusiveStart: true, limit });
      return [...page].map(({ value }) => value);
    });
  }

  setMetadata(project: Project, name: string, metadata: Uint8Array): Promise<boolean> {
    return this.db.write(() => {
      const queue = this.find(project, name);
      if (queue) this.db.put(nameKey(project, name), { ...queue, metadata });
      return queue !== null;
    });
  }

  deleteQueue(project: Project, name: string, uid: string): Promise<boolean> {
    return this.db.write(() => {
      if (this.find(project, name)?.ref.uid !== uid) return false;
      this.db.remove(nameKey(project, name));
      this.db.remove(['named', uid]);
      return true;
    });
  }

  async namedUids(uids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.db.read(() => new Set(uids.filter((uid) => this.db.get(['named', uid]))));
  }

  private find(project: Project, name: string): QueueRecord | null {
    return this.db.get<QueueRecord>(nameKey(project, name)) ?? null;
  }
}

/** LMDB's keys may hold null, though their type does not say so. */
function nameKey(...parts: readonly [Project, ...string[]]): Key[] {
  return ['name', ...parts] as Key[];
}
