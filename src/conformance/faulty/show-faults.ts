import type { QueueStats, Storage } from '../../storage/ports/index.js';
import type { Scene } from './scene.js';
import { showing, withMessages, withParts } from './wrap.js';

/** Shows two messages under one marker. */
export function repeatsMarker(storage: Storage): Storage {
  return showing(storage, (messages) =>
    messages.map((message) => ({ ...message, marker: message.marker - ((message.marker + 1) % 2) })),
  );
}

/** Lists the last two of a page in the wrong order. */
export function listsOutOfOrder(storage: Storage): Storage {
  return showing(storage, (messages) => [...messages.slice(0, -2), ...messages.slice(-2).reverse()]);
}

/** Shows a message for a second after its life is over. */
export function servesExpired(storage: Storage): Storage {
  const { messages } = storage;
  return withMessages(storage, {
    list: (query) => messages.list({ ...query, now: query.now - 1_000 }),
    getMany: (queue, ids, maxBytes, now) => messages.getMany(queue, ids, maxBytes, now - 1_000),
  });
}

/** Counts one message too many. */
export function statsOffByOne(storage: Storage): Storage {
  return counting(storage, (stats) => ({ ...stats, total: stats.total + 1 }));
}

/** Counts more claimed than there are: free ones come out negative. */
export function statsNegative(storage: Storage): Storage {
  return counting(storage, (stats) => ({ ...stats, claimed: stats.total + 1 }));
}

function counting(storage: Storage, change: (stats: QueueStats) => QueueStats): Storage {
  return withMessages(storage, {
    stats: async (queue, now) => {
      const stats = await storage.messages.stats(queue, now);
      return stats.kind === 'gone' ? stats : change(stats);
    },
  });
}

/** Finds in a queue what is in the one used before it. */
export function mixesQueues(storage: Storage, { notes }: Scene): Storage {
  return withMessages(storage, {
    apply: (batch) => {
      for (const { kind, queue } of batch.ops) if (kind === 'open') notes.queues.unshift(queue);
      return storage.messages.apply(batch);
    },
    getMany: async (queue, ids, maxBytes, now) => {
      const found = await storage.messages.getMany(queue, ids, maxBytes, now);
      const other = notes.queues.find(({ uid }) => uid !== queue.uid);
      if (found.kind === 'gone' || found.messages.length > 0 || !other) return found;
      const foreign = await storage.messages.getMany(other, ids, maxBytes, now);
      return foreign.kind === 'gone' ? found : foreign;
    },
  });
}

/** Lets a fenced incarnation go on. */
export function fenceNotSeen(storage: Storage): Storage {
  return withMessages(storage, {
    apply: async (batch) => {
      const kept = batch.ops.filter(({ kind }) => kind !== 'fence');
      const outcomes = [...(await storage.messages.apply({ ...batch, ops: kept }))];
      return batch.ops.map(({ kind }) => (kind === 'fence' ? { kind: 'fenced' } : outcomes.shift()!));
    },
  });
}

/** Takes project ids that differ only in case for one. */
export function mixesProjects(storage: Storage): Storage {
  const { control } = storage;
  const folded = (project: string | null) => project && project.toLowerCase();
  return withParts(storage, {
    control: {
      createQueue: (project, name, ref, now) => control.createQueue(folded(project), name, ref, now),
      findQueue: (project, name) => control.findQueue(folded(project), name),
      listQueues: (query) => control.listQueues({ ...query, project: folded(query.project) }),
      setMetadata: (project, name, metadata) => control.setMetadata(folded(project), name, metadata),
      deleteQueue: (project, name, uid) => control.deleteQueue(folded(project), name, uid),
      namedUids: (uids) => control.namedUids(uids),
    },
  });
}

/** Takes its clock back now and then. */
export function clockGoesBack(storage: Storage): Storage {
  let readings = 0;
  const now = () => storage.clock.now() - (++readings % 10 === 0 ? 1_000 : 0);
  return withParts(storage, { clock: { now, skew: storage.clock.skew } });
}
