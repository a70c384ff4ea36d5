import { createGateway } from '../../gateway/index.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/config/limits.js';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import type { Storage } from '../../src/storage/ports/index.js';
import { createLogger } from '../../src/telemetry/log.js';
import { defaultPlace } from './default-storage.js';
import { startDoor, type DoorOptions } from './grpc-door.js';
import { ManualTime } from './manual-time.js';
import { CLIENT, fresh, RestClient } from './rest-client.js';
import { startMarconi } from './server.js';

/** A gateway with its core in this process, on real sockets, in a time that the test moves. */
export interface TimedRest {
  readonly url: string;
  /** Moves the store's time. */
  advance(seconds: number): Promise<void>;
  readonly gateway: ReturnType<typeof createGateway>;
  /** Log lines of the gateway. */
  readonly lines: Record<string, unknown>[];
  /** Ends the core; the gateway stays. */
  stopCore(): Promise<void>;
  stop(): Promise<void>;
}

export interface TimedRestOptions extends DoorOptions {
  readonly maxInFlight?: number;
  readonly gatewayLimits?: Partial<Limits>;
}

export async function startTimedRest(options: TimedRestOptions = {}): Promise<TimedRest> {
  const time = new ManualTime();
  const door = await startDoor({ storage: () => timedStorage(time), withGateway: true, ...options });
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const gateway = createGateway(
    {
      gateway: {
        listen: '127.0.0.1:0',
        core: door.gatewayAddress ?? '',
        tls: null,
        metricsListen: '',
        maxInFlight: options.maxInFlight ?? 1_000,
      },
      limits: { ...DEFAULT_LIMITS, ...options.limits, ...options.gatewayLimits },
    },
    { log: createLogger({ level: 'debug', part: 'gateway', destination }) },
  );
  const { rest } = await gateway.start();
  let core: Promise<void> | undefined;
  const stopCore = () => (core ??= door.close());
  return {
    url: rest,
    advance: (seconds) => time.advance(seconds * 1000),
    gateway,
    lines,
    stopCore,
    stop: async () => {
      await gateway.stop();
      await stopCore();
    },
  };
}

/** In memory unless the test has a place of its own; either way in the test's time. */
async function timedStorage(clock: ManualTime): Promise<Storage> {
  const storage = await defaultPlace()?.open();
  if (storage === undefined) return openMemory({ clock });
  return Object.assign(Object.create(storage) as Storage, { clock, health: () => storage.health() });
}

/** A project of its own, with the client id that tests post with. */
export function inOwnProject(url: string): RestClient {
  return new RestClient(url, { 'X-Project-Id': fresh('project'), 'Client-ID': CLIENT });
}

/** The built server: gateway and core as processes of their own, over SQLite unless the test has a place of its own. */
export interface Rest {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** Starts them. */
export async function startRest(): Promise<Rest> {
  const server = await startMarconi();
  return { url: server.restUrl, stop: () => server.stop() };
}
