import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPlace } from './default-storage.js';
import { makeTempDir, removeTempDir } from './temp-dir.js';
import { waitFor } from './wait.js';

/** The file of the `marconi` command, as built. */
export const MARCONI = join(__dirname, '../../dist/src/main.js');

/** How a server is started. */
export interface StartOptions {
  /** `serve` unless told. */
  readonly command?: 'serve' | 'core' | 'gateway';
  /** A storage URI; when absent the test's default place, else a SQLite file in a folder that `stop` removes. */
  readonly storage?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** More flags; a flag given here wins over those of this helper. */
  readonly args?: readonly string[];
  /** Milliseconds until the ready line must be there. */
  readonly readyMs?: number;
}

/** A server of real processes. */
export interface RunningMarconi {
  /** `http://127.0.0.1:PORT`; empty for `core`. */
  readonly restUrl: string;
  /** `127.0.0.1:PORT`; empty for `gateway`. */
  readonly grpcAddress: string;
  /** `tcp://127.0.0.1:PORT` of a socket of the ZeroMQ door: `router`, `pull`, or an endpoint's domain. */
  zmqAddress(name: string): string;
  /** `http://127.0.0.1:PORT/metrics` of the core; of the gateway for `gateway`. */
  readonly metricsUrl: string;
  /** The same of the gateway beside the core; empty for others. */
  readonly gatewayMetricsUrl: string;
  readonly pid: number;
  readonly storage: string;
  /** Standard output so far. */
  output(): string;
  /** Log lines so far, as JSON where they are JSON. */
  logs(): readonly Record<string, unknown>[];
  /** Sends a signal to the command's own process. */
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal's name, once the process has ended. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** SIGTERM, waits for the end, removes the storage folder if it was made here; answers the exit code. */
  stop(): Promise<number | NodeJS.Signals>;
}

/** The environment without Marconi's own options, so that a test runs with what it gives and nothing else. */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('MARCONI_'));
  return { ...Object.fromEntries(kept), ...more };
}

/** The flag with an address of the loopback whose port is any that is free. */
export function anyPort(flag: string): string {
  return `${flag}=${flag.startsWith('--zmq') ? 'tcp://' : ''}127.0.0.1:0`;
}

const ZMQ_PORTS = ['--zmq-router', '--zmq-pull', '--zmq-push', '--zmq-pub'];
const PORTS: Readonly<Record<string, readonly string[]>> = {
  serve: ['--gateway-listen', '--grpc-listen', '--metrics-listen', '--gateway-metrics-listen', ...ZMQ_PORTS],
  core: ['--grpc-listen', '--metrics-listen', ...ZMQ_PORTS],
  gateway: ['--gateway-listen', '--gateway-metrics-listen'],
};

/** Starts the built command on free ports and resolves when it is ready; rejects, with its words, when it ends first. */
export async function startMarconi(options: StartOptions = {}): Promise<RunningMarconi> {
  if (!existsSync(MARCONI)) throw new Error('dist is missing: npm run build');
  const command = options.command ?? 'serve';
  const stores = command !== 'gateway';
  const given = options.storage ?? (stores ? defaultPlace()?.uri() : undefined);
  const folder = given === undefined && stores ? makeTempDir('storage') : null;
  const storage = given ?? `sqlite:${join(folder ?? '', 'marconi.db')}`;
  const ports = (PORTS[command] ?? []).map(anyPort);
  const stored = stores ? [`--storage=${storage}`] : [];
  const args = [command, ...stored, ...ports, ...(options.args ?? [])];
  const child = spawn(process.execPath, [MARCONI, ...args], {
    env: cleanEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);

  const line = await readyLine(child, output, errors, options.readyMs ?? 30_000).catch((error: unknown) => {
    child.kill('SIGKILL');
    if (folder !== null) removeTempDir(folder);
    throw error;
  });
  const at = (name: string): string => new RegExp(`\\b${name} ([^,\\s]+)`).exec(line)?.[1] ?? '';
  const gatewayMetricsUrl = at('gateway-metrics');
  return {
    restUrl: at('rest'),
    grpcAddress: at('grpc'),
    zmqAddress: (name) => at(`zmq-${name}`),
    metricsUrl: /(?<!-)metrics (http[^,\s]+)/.exec(line)?.[1] ?? gatewayMetricsUrl,
    gatewayMetricsUrl: command === 'serve' ? gatewayMetricsUrl : '',
    pid: child.pid ?? 0,
    storage,
    output,
    logs: () => jsonLines(errors()),
    kill: (signal) => void child.kill(signal),
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      const end = await exited;
      if (folder !== null) removeTempDir(folder);
      return end;
    },
  };
}

/** Runs the built command to its end. */
export async function runMarconi(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MARCONI, ...args], { env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout: stdout(), stderr: stderr() };
}

/** True while a process of that id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => (text += chunk));
  return () => text;
}

function readyLine(child: ChildProcess, output: () => string, errors: () => string, ms: number): Promise<string> {
  return waitFor(
    'the ready line',
    () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`marconi ended with ${child.signalCode ?? child.exitCode}: ${output()}${errors()}`);
      }
      return /^marconi ready: .*$/m.exec(output())?.[0];
    },
    { ms, every: 10 },
  ).catch((error: Error) => {
    throw new Error(`${error.message} ${output()}${errors()}`);
  });
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
