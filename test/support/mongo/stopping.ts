import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from './held-point.js';
import { WATCHED, type World } from './world.js';

/** How a core is stopped, and for how many milliseconds. */
export interface Fault {
  readonly how: 'killed' | 'killed, its last commands late' | 'paused';
  readonly ms: number;
}

/** Milliseconds that a core must have come to its point in. */
const REACH_MS = 20_000;

/**
 * Stops the watched core while others go on for the fault's time and until they are through; what is held of its
 * commands is then let go, and the core runs again.
 */
export async function whileStopped(
  { cores }: World,
  { how, ms }: Fault,
  release: (how: Release) => void,
  others: () => unknown,
): Promise<void> {
  if (how === 'paused') cores.core(WATCHED).node.kill('SIGSTOP');
  else await cores.kill(WATCHED);
  if (how === 'killed') release('drop');
  try {
    await Promise.all([others(), sleep(ms)]);
  } finally {
    if (how === 'paused') cores.core(WATCHED).node.kill('SIGCONT');
    release('pass');
    if (how !== 'paused') await cores.revive(WATCHED);
  }
}

/** Rejects, naming it, when something has not come about in time. */
export async function inTime<T>(what: string, event: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = sleep(REACH_MS, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`The core never came to: ${what}`);
  });
  return Promise.race([event, late]).finally(() => ended.abort());
}
