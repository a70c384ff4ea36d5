import type { Settings } from '../config/index.js';
import { MAX_RESPONSE_BYTES } from '../config/limits.js';
import { createEngine, type EngineObserver, type EngineSettings } from '../engine/engine.js';
import type { Engine } from '../engine/api.js';
import type { Storage, StoreClock } from '../storage/ports/index.js';
import { engineRecorder, watchEngine } from '../telemetry/engine-metrics.js';
import type { Logger } from '../telemetry/log.js';
import { commitRecorder, watchRoom } from '../telemetry/storage-metrics.js';
import { createGrpcServer, type GrpcAddresses } from '../transport/grpc/server.js';
import { inFlightByClass } from '../transport/in-flight.js';
import type { ZmqAddresses, ZmqServer } from '../transport/zmq/server.js';
import { fingerprint, nodeTimers, random, randomIds } from './runtime.js';
import { openStorage, roomReader } from './storage.js';
import { packageVersion } from '../process/version.js';

/** What a core is given beside its settings. */
export interface CoreDeps {
  readonly log: Logger;
  /** A clock in place of the store's own, for tests that steer time. */
  readonly clock?: StoreClock;
}

/** A running core. */
export interface Core {
  readonly addresses: GrpcAddresses;
  /** Where it answers over ZeroMQ, by the names of the sockets; none when that is off. */
  readonly zmqAddresses: ZmqAddresses;
  readonly engine: Engine;
  /**
   * Takes no new work and ends the waits; resolves when what was acknowledged is durable and what was asked is
   * answered, or after so many milliseconds.
   */
  drain(graceMs: number): Promise<void>;
  /** Ends all connections and lets the storage go. */
  stop(): Promise<void>;
}

/** Opens the storage, starts the engine and serves gRPC and ZeroMQ. Rejects when any of it fails; nothing is left running then. */
export async function startCore(settings: Settings, deps: CoreDeps): Promise<Core> {
  const storage = withClock(await openStorage(settings, commitRecorder()), deps.clock);
  const engine = createEngine({
    storage,
    ids: randomIds,
    timers: nodeTimers,
    random,
    settings: engineSettings(settings),
    fingerprint,
    observer: observer(deps.log),
  });
  // One bound for all doors: what they share is the storage.
  const doorDeps = { log: deps.log, version: packageVersion(), inFlight: inFlightByClass() };
  const server = createGrpcServer(engine, settings, doorDeps);
  let zmq: ZmqServer | null = null;
  try {
    zmq = await makeZmqServer(engine, settings, doorDeps);
    const addresses = await server.start();
    const zmqAddresses = (await zmq?.start()) ?? {};
    watch(settings, engine);
    return { addresses, zmqAddresses, engine, drain, stop };
  } catch (error) {
    server.stop();
    await engine.drain();
    await storage.close();
    throw error;
  }

  async function drain(graceMs: number): Promise<void> {
    await Promise.all([engine.drain(), server.drain(graceMs), zmq?.drain(graceMs)]);
  }

  async function stop(): Promise<void> {
    server.stop();
    zmq?.stop();
    await engine.drain();
    await storage.close();
  }
}

/** The library is loaded only where the door is on. */
async function makeZmqServer(
  engine: Engine,
  settings: Settings,
  deps: ConstructorParameters<typeof ZmqServer>[2],
): Promise<ZmqServer | null> {
  // Without a router there are no receipts, and so nothing else either.
  if (settings.zmq.router === '') return null;
  const { ZmqServer } = await import('../transport/zmq/server.js');
  return new ZmqServer(engine, settings, deps);
}

function engineSettings(settings: Settings): EngineSettings {
  return { ...settings.commit, maxResponseBytes: MAX_RESPONSE_BYTES, dedupWindow: settings.dedupWindow };
}

function observer(log: Logger): EngineObserver {
  const recorder = engineRecorder();
  return {
    refused: (reason) => recorder.refused(reason),
    swept: (rows) => recorder.swept(rows),
    troubled: (task, cause) => {
      recorder.troubled(task);
      log.warn({ task, err: cause }, 'background work failed and is tried again');
    },
  };
}

function watch(settings: Settings, engine: Engine): void {
  const limit = settings.telemetry.metricsQueues;
  watchEngine({
    load: () => engine.load(),
    status: () => engine.status(),
    depths: () => (limit === 0 ? Promise.resolve([]) : engine.depths(limit)),
  });
  const readRoom = roomReader(settings.storage);
  if (readRoom !== null) watchRoom(readRoom);
}

function withClock(storage: Storage, clock: StoreClock | undefined): Storage {
  if (clock === undefined) return storage;
  const { driver, capabilities, durability, control, messages, signals, transfer } = storage;
  const health = () => storage.health();
  const close = () => storage.close();
  return { driver, capabilities, durability, clock, control, messages, signals, transfer, health, close };
}
