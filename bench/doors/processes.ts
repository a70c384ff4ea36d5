import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cleanEnv } from '../../test/support/server.js';
import type { LoadOrder, LoadResult } from './order.js';

/** A server in a process of its own. */
export interface Running {
  /** The first line that it said. */
  readonly line: string;
  stop(): Promise<void>;
}

/** Starts a script of the bench that says its address. */
export function startEcho(name: 'echo-grpc' | 'echo-zmq'): Promise<Running> {
  return started(
    name,
    spawn(process.execPath, [join(__dirname, `${name}.js`)], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

/** Addresses of a core's doors. */
export type CoreAddresses = Pick<LoadOrder, 'grpc' | 'router' | 'pull' | 'push'>;

/** Starts `marconi core` over SQLite in a file, on free ports; its profile goes to a folder unless that is empty. */
export async function startCore(file: string, profile: string): Promise<Running & CoreAddresses> {
  const main = join(__dirname, '../../src/main.js');
  const zmq = ['router', 'pull', 'push'].map((name) => `--zmq-${name}=tcp://127.0.0.1:0`);
  const doors = ['--grpc-listen=127.0.0.1:0', '--metrics-listen=', '--zmq-pub=', ...zmq];
  const profiling = profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const args = [...profiling, main, 'core', '--log-level=warn', `--storage=sqlite:${file}`, ...doors];
  const running = await started(
    'core',
    spawn(process.execPath, args, { env: cleanEnv(), stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const at = (name: string): string => new RegExp(`\\b${name} ([^,\\s]+)`).exec(running.line)?.[1] ?? '';
  return { ...running, grpc: at('grpc'), router: at('zmq-router'), pull: at('zmq-pull'), push: at('zmq-push') };
}

/** Runs a load to its end. */
export function runLoad(order: LoadOrder): Promise<LoadResult> {
  return forked('client', [JSON.stringify(order)]);
}

/** Runs the driver alone to its end. */
export function runDriver(file: string, warmMs: number, runMs: number): Promise<LoadResult> {
  return forked('driver', [file, String(warmMs), String(runMs)]);
}

async function forked(name: string, args: readonly string[]): Promise<LoadResult> {
  const child = fork(join(__dirname, `${name}.js`), args);
  let result: LoadResult | undefined;
  child.once('message', (message) => (result = message as LoadResult));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || result === undefined) throw new Error(`${name} ${args.join(' ')} ended with ${code}.`);
  return result;
}

async function started(name: string, child: ChildProcess): Promise<Running> {
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  for await (const line of createInterface({ input: child.stdout! })) return { line, stop };
  throw new Error(`${name} ended before it was ready.`);
}
