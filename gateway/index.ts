import type { Settings } from '../src/config/settings.js';
import { callMetrics } from '../src/telemetry/calls.js';
import type { Logger } from '../src/telemetry/log.js';
import { createApp } from './app.js';
import { connectCore } from './core/client.js';
import { InFlight } from './middleware/in-flight.js';
import { Readiness } from './readiness.js';
import { shedding } from './shed.js';
import { createListener, listen } from './server.js';
import { Waits } from './waits.js';

/** What a gateway needs from outside. */
export interface GatewayDeps {
  readonly log: Logger;
}

/** Where a gateway answers. */
export interface GatewayAddresses {
  /** `http://HOST:PORT` or `https://HOST:PORT`. */
  readonly rest: string;
}

/** The REST door: a client of the core that speaks HTTP. */
export interface Gateway {
  /** Listens; rejects when the address cannot be had. The core need not be there yet. */
  start(): Promise<GatewayAddresses>;
  /**
   * Takes no new connections, says that it is not ready, ends long polls and resolves when all requests under way have
   * been answered and their connections closed.
   */
  drain(): Promise<void>;
  /** Requests under way, those that are always answered aside. */
  inFlight(): number;
  /** Closes every connection, whatever it is doing, and the link to the core. */
  stop(): Promise<void>;
}

/** Makes a gateway from `gateway.*` and the limits; `gateway.core` must name the core. */
export function createGateway(settings: Pick<Settings, 'gateway' | 'limits'>, { log }: GatewayDeps): Gateway {
  const { listen: address, core: coreAddress, tls, maxInFlight } = settings.gateway;
  const core = connectCore(coreAddress);
  const readiness = new Readiness(core);
  const waits = new Waits();
  const inFlight = new InFlight(maxInFlight);
  const metrics = callMetrics('rest');
  const app = createApp({ core, limits: settings.limits, inFlight, readiness, waits, log, metrics });
  const server = createListener(shedding(inFlight, metrics, app), tls);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= new Promise((resolve) => server.close(() => resolve())));
  return {
    start: async () => ({ rest: await listen(server, address, tls === null ? 'http' : 'https') }),
    drain: () => {
      readiness.drain();
      waits.end();
      return close();
    },
    inFlight: () => inFlight.size,
    stop: async () => {
      const done = close();
      server.closeAllConnections();
      await done;
      core.close();
    },
  };
}
