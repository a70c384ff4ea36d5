import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { authStrategy } from '../../auth/index.js';
import type { Settings } from '../../config/settings.js';
import type { Engine } from '../../engine/api.js';
import { callMetrics } from '../../telemetry/calls.js';
import type { Logger } from '../../telemetry/log.js';
import { allHandlers } from '../handlers/all.js';
import { InFlight, inFlightByClass, type InFlightByClass } from '../in-flight.js';
import { streamHandlers } from '../streams/handlers.js';
import { Health } from './health.js';
import { DRAIN_GRACE_MS, MAX_STREAMS } from './limits.js';
import { Listener } from './listener.js';
import { routesOf } from './routes.js';

/** The settings that the door reads. */
export type GrpcServerSettings = Pick<Settings, 'grpc' | 'auth' | 'limits'>;

/** What the door is given. */
export interface GrpcServerDeps {
  readonly log: Logger;
  /** The version of Marconi, told by GetStatus. */
  readonly version: string;
  /** Bounds on calls in flight, shared with other doors; absent: those of `in-flight.ts`, for this door alone. */
  readonly inFlight?: InFlightByClass;
}

/** Where the door listens, in the form of the settings. */
export interface GrpcAddresses {
  readonly public: string;
  /** The gateway's own link; null: none. */
  readonly gateway: string | null;
}

/** The gRPC door. */
export interface GrpcServer {
  /** Listens. Fails with the address in the message; nothing listens then. */
  start(): Promise<GrpcAddresses>;
  /** Where it listens; null before `start`. */
  addresses(): GrpcAddresses | null;
  /**
   * Takes no new work: health says NOT_SERVING, connections are told to go. Resolves when the calls in flight are
   * answered, or after the grace (8 s) has cut them off. To be called beside `engine.drain`, which ends the waits.
   */
  drain(graceMs?: number): Promise<void>;
  /** Ends all connections at once. */
  stop(): void;
}

/** Makes the gRPC door over an engine. */
export function createGrpcServer(engine: Engine, settings: GrpcServerSettings, deps: GrpcServerDeps): GrpcServer {
  // It would write to the console what the log and rejected promises tell.
  setLogVerbosity(logVerbosity.NONE);
  const { grpc, limits } = settings;
  const auth = authStrategy(settings.auth.strategy);
  const handlers = allHandlers(engine, limits, deps.version);
  const inFlight = deps.inFlight ?? inFlightByClass();
  const streams = new InFlight(MAX_STREAMS);
  const parts = { system: 'grpc', auth, inFlight, streams, metrics: callMetrics('grpc'), log: deps.log };
  const routes = routesOf(parts, handlers, streamHandlers(engine, limits));
  const health = new Health();
  const listenerParts = { routes, health, log: deps.log };
  const publicListener = new Listener('public', grpc, listenerParts);
  const gatewayListener = grpc.gatewayListen === '' ? null : new Listener('gateway', grpc, listenerParts);
  const listeners = gatewayListener === null ? [publicListener] : [publicListener, gatewayListener];
  let addresses: GrpcAddresses | null = null;

  const stop = (): void => listeners.forEach((listener) => listener.stop());

  return {
    async start() {
      try {
        const gateway = (await gatewayListener?.start(grpc.gatewayListen, null)) ?? null;
        addresses = { public: await publicListener.start(grpc.listen, grpc.tls), gateway };
        return addresses;
      } catch (error) {
        stop();
        throw error;
      }
    },
    addresses: () => addresses,
    async drain(graceMs = DRAIN_GRACE_MS) {
      health.drain();
      await Promise.all(listeners.map((listener) => listener.drain(graceMs)));
    },
    stop,
  };
}
