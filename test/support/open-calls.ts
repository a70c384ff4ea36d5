import type { RunningMarconi } from './server.js';

/** Calls and streams that a server's gRPC door has under way. */
export async function openCalls({ metricsUrl }: Pick<RunningMarconi, 'metricsUrl'>): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const line = /^marconi_calls_in_flight\{[^}]*grpc[^}]*\} (\d+)/m.exec(text);
  if (line === null) throw new Error('The metric marconi_calls_in_flight is missing.');
  return Number(line[1]);
}
