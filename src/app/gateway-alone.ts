import { rm } from 'node:fs/promises';
import { createGateway } from '../../gateway/index.js';
import type { Settings } from '../config/index.js';
import { parentLink } from '../process/parent.js';
import type { GatewayInit, GatewayReady } from './gateway-child.js';
import { lifecycle, runUntilEnded } from './lifecycle.js';
import { metricsUrl, type Addresses } from './ready.js';
import { startTelemetry } from './telemetry.js';
import { within } from './time-limit.js';

/** The steps of a stop, in milliseconds, together under 10 s. */
const STOP = { drain: 6_000, close: 2_000 };

/**
 * Runs a gateway until a signal or a failure ends it, and answers the exit code; `onReady` is called when it listens.
 * Beside a core (`serve`) it tells its parent instead, and ends with it, by whatever end.
 */
export async function runGateway(settings: Settings, onReady: (addresses: Addresses) => void): Promise<number> {
  const life = lifecycle(() => undefined);
  const parent = endWithParent();
  const telemetry = await startTelemetry('gateway', settings);
  const gateway = createGateway(withCore(settings), telemetry);
  const { rest } = await gateway.start();
  if (parent === null) onReady({ rest, 'gateway-metrics': metricsUrl(telemetry.metricsAddress) });
  else parent.send({ kind: 'ready', rest, metrics: telemetry.metricsAddress } satisfies GatewayReady);
  return runUntilEnded(life, telemetry.log, async () => {
    await within(gateway.drain(), STOP.drain, null);
    await within(Promise.all([gateway.stop(), telemetry.stop()]), STOP.close, null);
  });
}

/** The core where nothing is said of it: the one that the same options make listen. */
function withCore(settings: Settings): Settings {
  if (settings.gateway.core !== '') return settings;
  return { ...settings, gateway: { ...settings.gateway, core: settings.grpc.listen } };
}

/** Without its core the gateway can do nothing: it goes at once, and takes the folder of their link with it. */
function endWithParent(): ReturnType<typeof parentLink> {
  const parent = parentLink();
  let folder: string | null = null;
  parent?.onMessage((message) => {
    folder = (message as GatewayInit).runtimeFolder;
  });
  parent?.onGone(() => {
    const removed = folder === null ? Promise.resolve() : rm(folder, { recursive: true, force: true });
    void removed.finally(() => process.exit(1));
  });
  return parent;
}
