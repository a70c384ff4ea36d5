import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metrics } from '@opentelemetry/api';

/** Milliseconds between samples of the event loop's delay. */
const DELAY_RESOLUTION_MS = 10;
const NANOSECONDS = 1e9;

/**
 * Tells how the process is: `marconi_info`, `marconi_event_loop_delay_seconds` (of the time since the last scrape),
 * `marconi_process_resident_bytes`, `marconi_process_cpu_seconds`, `marconi_process_uptime_seconds`.
 */
export function watchProcess(part: string, version: string): void {
  const meter = metrics.getMeter('marconi');
  meter
    .createObservableGauge('marconi_info', { description: 'Always 1; the labels tell part and version.' })
    .addCallback((result) => result.observe(1, { part, version }));
  meter
    .createObservableGauge('marconi_process_resident_bytes', { description: 'Memory that the process holds.' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableCounter('marconi_process_cpu_seconds', { description: 'Processor time used.' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
  meter
    .createObservableGauge('marconi_process_uptime_seconds', { description: 'How long the process has run.' })
    .addCallback((result) => result.observe(process.uptime()));
  watchEventLoop();
}

function watchEventLoop(): void {
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delays.enable();
  metrics
    .getMeter('marconi')
    .createObservableGauge('marconi_event_loop_delay_seconds', {
      description: 'How late the event loop came to its work since the last scrape, by quantile.',
    })
    .addCallback((result) => {
      // A sample is the time since the one before, the wait between them included.
      const late = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS - DELAY_RESOLUTION_MS / 1000);
      if (delays.count > 0) {
        result.observe(late(delays.percentile(50)), { quantile: '0.5' });
        result.observe(late(delays.percentile(99)), { quantile: '0.99' });
        result.observe(late(delays.max), { quantile: '1' });
      }
      delays.reset();
    });
}
