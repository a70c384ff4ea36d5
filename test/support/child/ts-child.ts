import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How a child is started. */
export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
}

/** Starts a TypeScript file in a process of its own, with a message channel; what it prints is the test's output. */
export function forkTs(file: string, { env = {}, args = [] }: ChildOptions = {}): ChildProcess {
  return fork(file, args, {
    execArgv: ['-r', join(__dirname, '../../../scripts/typescript.cjs')],
    env: { ...process.env, ...env },
    serialization: 'advanced',
  });
}

/** The next message that the child sends; rejects when it ends before. */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  try {
    const message = once(child, 'message', { signal: ended.signal }).then(([value]) => value as T);
    const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`The child ended (code ${String(code)}, signal ${String(signal)}) before its message.`);
    });
    return await Promise.race([message, exit]);
  } finally {
    ended.abort();
  }
}

/** Ends the child at once, as a power failure or the kernel would; resolves when all that it sent has been received. */
export async function killHard(child: ChildProcess): Promise<void> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  const silent = child.connected ? once(child, 'disconnect') : null;
  child.kill('SIGKILL');
  await Promise.all([gone, silent]);
}
