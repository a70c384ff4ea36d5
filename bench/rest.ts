/**
 * npm run bench -- rest [--rounds N] [--seconds N]: posts of 1 KiB through the gateway, every one synced before its
 * answer, with 1, 10 and 64 in flight in turns. Bar: 10 in flight are never slower than 1. Gateway, core and load have a
 * process each and share the processors.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { LoadOrder } from './rest/load.js';
import { machineFacts } from './support/machine.js';
import { median, quantile } from './support/samples.js';
import { Verdict } from './support/verdict.js';

const IN_FLIGHT = [1, 10, 64] as const;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } },
});
const rounds = Number(values.rounds);
const runMs = Number(values.seconds) * 1_000;

interface Run {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Starts the service on free ports and gives the gateway's address once it is ready. */
async function startService(folder: string): Promise<{ url: string; stop(): void }> {
  const free = ['--gateway-listen', '--grpc-listen', '--metrics-listen', '--gateway-metrics-listen'];
  const off = ['--zmq-router=', '--zmq-pull='];
  const ports = free.map((flag) => `${flag}=127.0.0.1:0`);
  const flags = [`--storage=sqlite:${join(folder, 'bench.db')}`, ...ports, ...off];
  const main = join(__dirname, '..', 'src', 'main.js');
  const child = spawn(process.execPath, [main, 'serve', '--log-level=warn', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The service ended with ${code}.`)));
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  child.removeAllListeners('exit');
  const url = /rest (http[^,\s]+)/.exec(line)?.[1];
  if (url === undefined) throw new Error(`The service is not ready: ${line}`);
  return { url, stop: () => child.kill('SIGKILL') };
}

async function load(url: string, inFlight: number): Promise<Run> {
  const body = JSON.stringify([{ ttl: 3_600, body: { text: 'x'.repeat(1_012) } }]);
  const order: LoadOrder = { url, body, inFlight, warmMs: 500, runMs };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(__dirname, 'rest', 'load.js'), JSON.stringify(order)],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const { times, failed } = JSON.parse(stdout) as { times: number[]; failed: number };
  if (failed > 0) throw new Error(`${failed} posts failed.`);
  return { perSecond: (times.length * 1_000) / runMs, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function report(inFlight: number, runs: readonly Run[]): number {
  const rate = median(runs.map(({ perSecond }) => perSecond));
  const [p50, p99] = [median(runs.map((run) => run.p50)), median(runs.map((run) => run.p99))];
  console.log(`${inFlight} in flight: ${rate.toFixed(0)} posts/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  return rate;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'marconi-rest-'));
  console.log(machineFacts(folder));
  const service = await startService(folder);
  const runs = new Map<number, Run[]>(IN_FLIGHT.map((inFlight) => [inFlight, []]));
  try {
    await fetch(`${service.url}/v1/queues/bench`, { method: 'PUT' });
    for (let round = 0; round < rounds; round++) {
      for (const [inFlight, of] of runs) of.push(await load(`${service.url}/v1/queues/bench/messages`, inFlight));
    }
  } finally {
    service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const [one = 0, ten = 0] = [...runs].map(([inFlight, of]) => report(inFlight, of));
  const slower = (runs.get(10) ?? []).filter(({ perSecond }, i) => perSecond < (runs.get(1)?.[i]?.perSecond ?? 0));
  const verdict = new Verdict();
  verdict.check(
    '10 in flight against 1',
    slower.length === 0,
    `x ${(ten / one).toFixed(1)}, slower in ${slower.length} of ${rounds} rounds`,
  );
  verdict.finish();
}

void main();
