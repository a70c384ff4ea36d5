import { fingerprint, nodeTimers, random, randomIds } from '../../src/app/runtime.js';
import { MAX_RESPONSE_BYTES } from '../../src/config/limits.js';
import { OPTIONS } from '../../src/config/index.js';
import type { CallContext, Engine } from '../../src/engine/api.js';
import { createEngine, type EngineSettings } from '../../src/engine/engine.js';
import type { Storage } from '../../src/storage/ports/index.js';

const DEFAULTS: EngineSettings = {
  maxSteps: OPTIONS['commit.maxSteps'].default,
  maxBytes: OPTIONS['commit.maxBytes'].default,
  maxConcurrent: OPTIONS['commit.maxConcurrent'].default,
  maxWaitingSteps: OPTIONS['commit.maxWaitingSteps'].default,
  maxWaitingBytes: OPTIONS['commit.maxWaitingBytes'].default,
  maxResponseBytes: MAX_RESPONSE_BYTES,
  dedupWindow: OPTIONS.dedupWindow.default,
};

/** An engine as the service makes it, without doors. */
export function benchEngine(storage: Storage, settings: Partial<EngineSettings> = {}): Engine {
  const nothing = (): void => undefined;
  return createEngine({
    storage,
    ids: randomIds,
    timers: nodeTimers,
    random,
    fingerprint,
    settings: { ...DEFAULTS, ...settings },
    observer: { refused: nothing, swept: nothing, troubled: (task, cause) => console.error(task, cause) },
  });
}

/** Calls in the global project. */
export const BENCH_CALL: CallContext = {
  principal: { strategy: 'none', roles: [] },
  scope: { project: null },
};
