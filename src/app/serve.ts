import { childEnvironment, ConfigError, OPTIONS, type LoadedConfig, type Settings } from '../config/index.js';
import { answers } from './answers.js';
import { startCore, type Core } from './core.js';
import { GatewayChild, type GatewayReady } from './gateway-child.js';
import { lifecycle, runUntilEnded } from './lifecycle.js';
import { metricsUrl, zmqPlaces, type Addresses } from './ready.js';
import { makeRuntimeFolder, type RuntimeFolder } from './runtime-folder.js';
import { startTelemetry, type Telemetry } from './telemetry.js';
import { within } from './time-limit.js';

/** What is told when everything answers. */
export interface ServeReady {
  readonly addresses: Addresses;
  readonly restUrl: string;
}

/**
 * The steps of a stop, in milliseconds; together they stay under the 10 s that a stop may take. The gateway finishes
 * first; only then the core ends what waits in it, and the gateway answers that.
 */
const STOP = { gatewayFirst: 1_500, core: 3_500, gatewayRest: 2_000, storage: 1_500 };

/**
 * Runs a core in this process and a gateway beside it, until a signal or a failure ends them.
 * @param command the file of the `marconi` command, to start the gateway with
 * @param onReady called once, when everything answers
 * @returns the exit code
 */
export async function serve(
  config: LoadedConfig,
  command: string,
  onReady: (ready: ServeReady) => void,
): Promise<number> {
  const { settings } = config;
  if (settings.gateway.core !== '') {
    throw new ConfigError([
      `gateway.core (from ${config.origins['gateway.core']}): expected nothing, since serve starts a core of its own; ` +
        `for a gateway alone use "marconi gateway"`,
    ]);
  }
  const folder = await makeRuntimeFolder();
  const started: { telemetry?: Telemetry; core?: Core; gateway?: GatewayChild } = {};
  const life = lifecycle(() => started.gateway?.kill());
  try {
    const telemetry = (started.telemetry = await startTelemetry('core', settings));
    const core = (started.core = await startCore(linked(settings, folder), telemetry));
    const gateway = (started.gateway = gatewayBeside(config, command, folder, core, telemetry, () => life.fail()));
    // A signal that comes meanwhile is heeded at once.
    const ready = await Promise.race([gateway.start(), life.ended.then(() => null)]);
    if (ready !== null) {
      await answers(`${ready.rest}/v1/health`);
      onReady({ addresses: allAddresses(core, telemetry, ready), restUrl: ready.rest });
    }
    return await runUntilEnded(life, telemetry.log, () => stop(core, gateway, telemetry));
  } catch (error) {
    started.gateway?.kill();
    await started.core?.stop();
    throw error;
  } finally {
    started.gateway?.kill();
    await folder.remove();
  }
}

/** The settings with the gateway's own link, which the operator may have put elsewhere. */
function linked(settings: Settings, folder: RuntimeFolder): Settings {
  const gatewayListen = settings.grpc.gatewayListen === '' ? `unix:${folder.socket}` : settings.grpc.gatewayListen;
  return { ...settings, grpc: { ...settings.grpc, gatewayListen } };
}

function gatewayBeside(
  config: LoadedConfig,
  command: string,
  folder: RuntimeFolder,
  core: Core,
  { log }: Telemetry,
  onGivenUp: () => void,
): GatewayChild {
  const link = core.addresses.gateway ?? '';
  const env = (before: GatewayReady | null): Record<string, string> =>
    childEnvironment(config, {
      // The gateway has no business with the storage, whose URI may hold a password.
      storage: OPTIONS.storage.default,
      'gateway.core': link,
      ...(before === null ? {} : { 'gateway.listen': hostPort(before.rest), 'gateway.metrics.listen': before.metrics }),
    });
  return new GatewayChild({ command, env, runtimeFolder: folder.path, log, onGivenUp });
}

const hostPort = (url: string): string => url.slice(url.indexOf('//') + 2);

function allAddresses(core: Core, telemetry: Telemetry, gateway: GatewayReady): Addresses {
  return {
    rest: gateway.rest,
    grpc: core.addresses.public,
    ...zmqPlaces(core.zmqAddresses),
    metrics: metricsUrl(telemetry.metricsAddress),
    'gateway-metrics': metricsUrl(gateway.metrics),
  };
}

async function stop(core: Core, gateway: GatewayChild, telemetry: Telemetry): Promise<void> {
  const gatewayDrained = gateway.drain().then(() => true);
  await within(gatewayDrained, STOP.gatewayFirst, false);
  await core.drain(STOP.core);
  if (!(await within(gatewayDrained, STOP.gatewayRest, false))) {
    telemetry.log.warn('the gateway did not finish in time and is ended');
    gateway.kill();
  }
  await within(Promise.all([core.stop(), telemetry.stop()]), STOP.storage, null);
}
