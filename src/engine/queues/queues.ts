import type { QueueRecord, QueueRef, QueueStats } from '../../storage/ports/index.js';
import type { At, CallContext, QueuePage, Queues } from '../api.js';
import { queueNotFound, storageFull } from '../refusals.js';
import type { EngineParts } from '../parts.js';

/** Creates, finds, lists and deletes the queues of a project. */
export function createQueues({ storage, commit, directory, waiters, settlements, ids, gate }: EngineParts): Queues {
  const { control, messages, clock } = storage;

  async function create(ctx: CallContext, name: string): Promise<{ created: boolean }> {
    gate.assertOpen();
    const record = await directory.read(ctx.scope, name);
    if (record !== null && (await isUsable(record))) return { created: false };
    // The incarnation is ready before its name is, so that whoever finds the name can use it.
    const ref: QueueRef = { uid: ids.queueUid(), pool: 'default' };
    const opened = await commit.submit({ kind: 'open', queue: ref });
    if (opened.kind === 'full') throw storageFull();
    const { created } = await control.createQueue(ctx.scope.project, name, ref, clock.now());
    if (!created) await commit.submit({ kind: 'fence', queue: ref });
    return { created };
  }

  /** False also for a queue whose deletion broke off after the fence: its name is free again then. */
  async function isUsable({ project, name, ref }: QueueRecord): Promise<boolean> {
    const opened = await commit.submit({ kind: 'open', queue: ref });
    if (opened.kind !== 'gone') return true;
    await control.deleteQueue(project, name, ref.uid);
    return false;
  }

  async function find(ctx: CallContext, name: string): Promise<QueueRecord> {
    const record = await directory.read(ctx.scope, name);
    if (record === null) throw queueNotFound(name);
    return record;
  }

  function list(ctx: CallContext, page: QueuePage): Promise<readonly QueueRecord[]> {
    return control.listQueues({ project: ctx.scope.project, after: page.after, limit: page.limit });
  }

  async function setMetadata(ctx: CallContext, name: string, metadata: Uint8Array): Promise<void> {
    gate.assertOpen();
    if (!(await control.setMetadata(ctx.scope.project, name, metadata))) throw queueNotFound(name);
  }

  async function stats(ctx: CallContext, name: string): Promise<At<QueueStats>> {
    const now = clock.now();
    const value = await directory.use(ctx.scope, name, (ref) => messages.stats(ref, now));
    if (value === null) throw queueNotFound(name);
    return { value, now };
  }

  async function remove(ctx: CallContext, name: string): Promise<{ deleted: boolean }> {
    const record = await directory.read(ctx.scope, name);
    if (record === null) return { deleted: false };
    const { ref } = record;
    // The fence first: cut off after it, the queue is gone for everybody, and whoever comes next takes its name away.
    await commit.submit({ kind: 'fence', queue: ref });
    await control.deleteQueue(ctx.scope.project, name, ref.uid);
    directory.forget(ctx.scope, name);
    waiters.end(ref.uid);
    settlements.gone(ref);
    return { deleted: true };
  }

  return { create, find, list, setMetadata, stats, delete: remove };
}
