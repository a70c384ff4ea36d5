import type { Settings } from '../config/index.js';
import { startCore } from './core.js';
import { lifecycle, runUntilEnded } from './lifecycle.js';
import { metricsUrl, zmqPlaces, type Addresses } from './ready.js';
import { startTelemetry } from './telemetry.js';
import { within } from './time-limit.js';

/** The steps of a stop, in milliseconds, together under 10 s. */
const STOP = { drain: 6_000, storage: 2_000 };

/** Runs a core until a signal or a failure ends it, and answers the exit code; `onReady` is called when it answers. */
export async function runCore(settings: Settings, onReady: (addresses: Addresses) => void): Promise<number> {
  const life = lifecycle(() => undefined);
  const telemetry = await startTelemetry('core', settings);
  const core = await startCore(settings, telemetry);
  onReady({
    grpc: core.addresses.public,
    'grpc-gateway': core.addresses.gateway ?? '',
    ...zmqPlaces(core.zmqAddresses),
    metrics: metricsUrl(telemetry.metricsAddress),
  });
  return runUntilEnded(life, telemetry.log, async () => {
    await core.drain(STOP.drain);
    await within(Promise.all([core.stop(), telemetry.stop()]), STOP.storage, null);
  });
}
