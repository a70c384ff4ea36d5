import type { Settings } from '../config/index.js';
import { createLogger, type Logger } from '../telemetry/log.js';
import { startMetrics } from '../telemetry/metrics.js';
import { watchProcess } from '../telemetry/process-metrics.js';
import { startTracing } from '../telemetry/tracing.js';
import { exitOnCrash } from '../process/crash.js';
import { packageVersion } from '../process/version.js';

/** Logs, metrics and traces of a process. */
export interface Telemetry {
  readonly log: Logger;
  /** `HOST:PORT` of the Prometheus endpoint; empty: none. */
  readonly metricsAddress: string;
  /** Sends what waits; never rejects. */
  stop(): Promise<void>;
}

/** The parts of Marconi that run as processes. */
export type Part = 'core' | 'gateway';

/**
 * Sets up the process: logger, metrics, traces, and the end of it at a fault that nothing catches. Called once, before
 * anything that records is made. Rejects when the metrics' address cannot be listened on.
 */
export async function startTelemetry(part: Part, settings: Settings): Promise<Telemetry> {
  const log = createLogger({ level: settings.log.level, part });
  exitOnCrash((fault, kind) => log.error({ err: fault }, kind));
  const version = packageVersion();
  const { metricsListen, otlpEndpoint, traceRatio } = settings.telemetry;
  const stopTracing = startTracing({ endpoint: otlpEndpoint, ratio: traceRatio, part, version, log });
  const listen = part === 'core' ? metricsListen : settings.gateway.metricsListen;
  const metrics = await startMetrics(listen).catch((cause: unknown) => {
    throw new Error(`The metrics cannot be served on ${listen}: ${(cause as Error).message}`, { cause });
  });
  if (metrics.address !== '') watchProcess(part, version);
  return {
    log,
    metricsAddress: metrics.address,
    stop: async () => {
      await Promise.all([stopTracing(), metrics.stop().catch(() => undefined)]);
    },
  };
}
