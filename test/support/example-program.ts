import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cleanEnv } from './server.js';
import { waitFor } from './wait.js';

const root = join(__dirname, '../..');

/** A program of the course that runs. */
export interface ExampleProgram {
  /** What it has printed, line by line. */
  lines(): readonly string[];
  /** Waits until it has printed a line that begins so. */
  says(start: string): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts a program of `examples/` in the way its README says, in a process of its own. */
export function startExample(file: string, ...args: readonly string[]): ExampleProgram {
  const child = spawn(process.execPath, ['examples/run.cjs', file, ...args], {
    cwd: root,
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const lines = (): readonly string[] => output.split('\n').slice(0, -1);
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    lines,
    says: async (start) => {
      await waitFor(`"${start}" of ${file}`, () => lines().find((line) => line.startsWith(start)), { ms: 20_000 });
    },
    ended,
    kill: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}
