import { MarconiError } from '../errors/marconi-error.js';
import type { Engine, NodeStatus, QueueDepth } from './api.js';
import { createClaims } from './claims/claims.js';
import { Settlements } from './claims/settlements.js';
import { Commit } from './commit/commit.js';
import { createDelivery } from './delivery/delivery.js';
import { OpenStreams } from './delivery/open-streams.js';
import { Waiters } from './delivery/waiters.js';
import type { EngineDeps } from './deps.js';
import { Gate } from './gate.js';
import { createMessages } from './messages/messages.js';
import type { EngineParts } from './parts.js';
import { QueueDirectory } from './queues/directory.js';
import { createQueues } from './queues/queues.js';
import { OrphanCollector } from './sweep/orphans.js';
import { Sweeper } from './sweep/sweeper.js';
import { traced } from './traced.js';

export type { EngineDeps, EngineObserver, EngineSettings, IdSource, RandomSource, Timers } from './deps.js';

/** Makes the engine over a storage and starts its background work. `drain` ends both; the storage is the caller's. */
export function createEngine(deps: EngineDeps): Engine {
  const { storage, timers, random, settings, observer } = deps;
  const { signals, capabilities } = storage;
  const parts: EngineParts = {
    ...deps,
    commit: new Commit(storage, timers, settings),
    directory: new QueueDirectory(storage.control),
    waiters: new Waiters({ timers, random, signals, shared: capabilities.shared }),
    settlements: new Settlements(),
    gate: new Gate(),
  };
  const { commit, directory, waiters, gate } = parts;
  const streams = new OpenStreams();
  const sweeper = new Sweeper(storage, timers, random, observer);
  const orphans = new OrphanCollector(parts);
  sweeper.start();
  orphans.start();

  const onError = (thrown: unknown): void => observer.refused(MarconiError.from(thrown).reason);

  const claims = traced('claims', createClaims(parts), onError);

  async function status(): Promise<NodeStatus> {
    const { driver, durability } = storage;
    return { driver, durability, health: await storage.health(), draining: gate.draining };
  }

  async function depths(limit: number): Promise<readonly QueueDepth[]> {
    const now = storage.clock.now();
    const found = await Promise.all(
      directory.recent(limit).map(async ({ scope, name, ref }) => {
        const stats = await storage.messages.stats(ref, now);
        if (stats.kind === 'gone') return [];
        const oldestAgeMs = stats.oldest === null ? 0 : Math.max(0, now - stats.oldest.postedAt);
        return [{ project: scope.project, queue: name, total: stats.total, claimed: stats.claimed, oldestAgeMs }];
      }),
    );
    return found.flat();
  }

  async function drain(): Promise<void> {
    gate.close();
    waiters.close();
    await Promise.all([streams.drain(), sweeper.stop(), orphans.stop()]);
    await commit.whenIdle();
  }

  return {
    queues: traced('queues', createQueues(parts), onError),
    messages: traced('messages', createMessages(parts), onError),
    claims,
    delivery: createDelivery(parts, claims, streams),
    status,
    depths,
    load: () => ({
      waitingSteps: commit.waitingSteps,
      waitingBytes: commit.waitingBytes,
      commitsUnderWay: commit.underWay,
      waiters: waiters.waiting,
      followers: waiters.following,
    }),
    drain,
  };
}
