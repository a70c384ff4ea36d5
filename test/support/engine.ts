import { fingerprint, nodeTimers, randomIds } from '../../src/app/runtime.js';
import { MAX_RESPONSE_BYTES } from '../../src/config/limits.js';
import { createEngine, type EngineDeps, type EngineObserver, type EngineSettings } from '../../src/engine/engine.js';
import type { CallContext } from '../../src/engine/api.js';
import type { Project } from '../../src/domain/principal.js';
import type { Storage } from '../../src/storage/ports/index.js';

/** Settings of an engine under test. */
export const testSettings: EngineSettings = {
  maxSteps: 256,
  maxBytes: 4 * 1024 * 1024,
  maxConcurrent: 32,
  maxWaitingSteps: 1024,
  maxWaitingBytes: 16 * 1024 * 1024,
  maxResponseBytes: MAX_RESPONSE_BYTES,
  dedupWindow: 3600,
};

/** An observer that hears nothing. */
export const deafObserver: EngineObserver = {
  refused: () => undefined,
  swept: () => undefined,
  troubled: () => undefined,
};

/** The parts of an engine over a storage, with real ids and timers, and every span as long as it is on average, unless replaced. */
export function engineDeps(storage: Storage, changes: Partial<EngineDeps> = {}): EngineDeps {
  return {
    storage,
    ids: randomIds,
    timers: nodeTimers,
    random: () => 0.5,
    settings: testSettings,
    fingerprint,
    observer: deafObserver,
    ...changes,
  };
}

/** An engine over a storage. Drain it at the end of the test. */
export function testEngine(storage: Storage, changes: Partial<EngineDeps> = {}) {
  return createEngine(engineDeps(storage, changes));
}

/** A call within a project. */
export function inProject(project: Project, signal?: AbortSignal): CallContext {
  const base = { principal: { strategy: 'none', roles: [] }, scope: { project } } as const;
  return signal ? { ...base, signal } : base;
}

/** A JSON message to post. */
export function message(body: unknown, ttl = 300) {
  return { body: Buffer.from(JSON.stringify(body)), contentType: '', ttl };
}
