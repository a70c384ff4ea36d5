import type { Settlements } from './claims/settlements.js';
import type { Commit } from './commit/commit.js';
import type { EngineDeps } from './deps.js';
import type { Gate } from './gate.js';
import type { QueueDirectory } from './queues/directory.js';
import type { Waiters } from './delivery/waiters.js';

/** What the nouns of the engine share. */
export interface EngineParts extends EngineDeps {
  readonly commit: Commit;
  readonly directory: QueueDirectory;
  readonly waiters: Waiters;
  readonly settlements: Settlements;
  readonly gate: Gate;
}
