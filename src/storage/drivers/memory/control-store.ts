import type { Project } from '../../../domain/principal.js';
import type { Millis } from '../../../domain/time.js';
import type { ControlStore, QueueCreation, QueuePageQuery, QueueRecord, QueueRef } from '../../ports/index.js';

/** Queues by project and name in a map of maps, so that no project id or name can be taken for another. */
export class MemoryControlStore implements ControlStore {
  private readonly projects = new Map<Project, Map<string, QueueRecord>>();

  /** As the port says; never rejects. */
  async createQueue(project: Project, name: string, ref: QueueRef, now: Millis): Promise<QueueCreation> {
    const made = { project, name, ref, metadata: Buffer.from('{}'), createdAt: now };
    const queue = this.put(made);
    return { created: queue === made, queue };
  }

  /** As the port says; never rejects. */
  async findQueue(project: Project, name: string): Promise<QueueRecord | null> {
    return this.projects.get(project)?.get(name) ?? null;
  }

  /** As the port says; never rejects. */
  async listQueues({ project, after, limit }: QueuePageQuery): Promise<readonly QueueRecord[]> {
    return [...(this.projects.get(project)?.values() ?? [])]
      .filter((queue) => compareBytes(queue.name, after) > 0)
      .sort((a, b) => compareBytes(a.name, b.name))
      .slice(0, limit);
  }

  /** As the port says; never rejects. */
  async setMetadata(project: Project, name: string, metadata: Uint8Array): Promise<boolean> {
    const queues = this.projects.get(project);
    const queue = queues?.get(name);
    if (!queues || !queue) return false;
    queues.set(name, { ...queue, metadata: new Uint8Array(metadata) });
    return true;
  }

  /** As the port says; never rejects. */
  async deleteQueue(project: Project, name: string, uid: string): Promise<boolean> {
    const queues = this.projects.get(project);
    if (queues?.get(name)?.ref.uid !== uid) return false;
    queues.delete(name);
    if (queues.size === 0) this.projects.delete(project);
    return true;
  }

  /** Every queue, in no order. */
  *all(): Generator<QueueRecord> {
    for (const queues of this.projects.values()) yield* queues.values();
  }

  /** Puts the queue under its name unless the name is taken; gives the one that has it then. */
  put(queue: QueueRecord): QueueRecord {
    const queues = this.projects.get(queue.project) ?? new Map<string, QueueRecord>();
    const present = queues.get(queue.name);
    if (present) return present;
    this.projects.set(queue.project, queues.set(queue.name, queue));
    return queue;
  }

  /** As the port says; never rejects. */
  async namedUids(uids: readonly string[]): Promise<ReadonlySet<string>> {
    const named = new Set([...this.all()].map((queue) => queue.ref.uid));
    return new Set(uids.filter((uid) => named.has(uid)));
  }
}

/** Order of the names' UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
