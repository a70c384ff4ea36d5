import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median } from '../support/samples.js';
import type { Verdict } from '../support/verdict.js';

/** The bar of P9, in seconds. */
const READY_BAR = 3;
const TRIES = 5;

/** Kills a node over the database several times and measures how long it takes to say `ready` again. */
export async function measureRestart(database: string, verdict: Verdict): Promise<void> {
  const seconds: number[] = [];
  let node = await startNode(database);
  for (let i = 0; i < TRIES; i++) {
    const gone = once(node.process, 'exit');
    node.process.kill('SIGKILL');
    await gone;
    node = await startNode(database);
    seconds.push(node.seconds);
  }
  node.process.kill('SIGTERM');
  await once(node.process, 'exit');
  const worst = Math.max(...seconds);
  const text = `${median(seconds).toFixed(2)} s (median), ${worst.toFixed(2)} s (worst of ${TRIES})`;
  verdict.check('ready after kill -9', worst <= READY_BAR, text);
}

async function startNode(database: string): Promise<{ readonly process: ChildProcess; readonly seconds: number }> {
  const started = performance.now();
  const main = join(__dirname, '../../src/main.js');
  const args = [
    '--storage',
    `sqlite://${database}`,
    '--grpc-listen',
    '127.0.0.1:0',
    '--metrics-listen',
    '',
    '--zmq-router',
    '',
    '--zmq-pull',
    '',
  ];
  const child = spawn(process.execPath, [main, 'core', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (/\bready\b/.test(line)) return { process: child, seconds: (performance.now() - started) / 1000 };
  }
  throw new Error('The node ended before it was ready.');
}
