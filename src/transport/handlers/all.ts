import type { Limits } from '../../config/limits.js';
import type { Engine } from '../../engine/api.js';
import { adminHandlers } from './admin.js';
import { authHandlers } from './auth.js';
import { claimHandlers } from './claims.js';
import type { Handlers } from './handler.js';
import { messageHandlers } from './messages.js';
import { queueHandlers } from './queues.js';

/**
 * The handlers of every method, for every door.
 * @param version of Marconi, told by GetStatus
 */
export function allHandlers(engine: Engine, limits: Limits, version: string): Handlers {
  return {
    ...queueHandlers(engine, limits),
    ...messageHandlers(engine, limits),
    ...claimHandlers(engine, limits),
    ...authHandlers,
    ...adminHandlers(engine, version),
  };
}
