import { createHash, randomBytes } from 'node:crypto';
import type { IdSource, RandomSource, Timers } from '../engine/engine.js';

/** Bytes that are drawn from the operating system at once: a few cost as much as thousands. */
const POOL_BYTES = 4_096;

let pool = Buffer.alloc(0);

/** Random bytes that are given out once. */
function freshBytes(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(POOL_BYTES);
  const bytes = pool.subarray(0, count);
  pool = pool.subarray(count);
  return bytes;
}

/** Random names from the operating system's generator. */
export const randomIds: IdSource = {
  batch: () => freshBytes(12).toString('base64url'),
  claim: () => freshBytes(15).toString('base64url'),
  queueUid: () => freshBytes(16).toString('hex'),
};

/** Chance that nothing secret rests on. */
export const random: RandomSource = () => Math.random();

/** The process's own time. */
export const nodeTimers: Timers = {
  defer: (run) => {
    setImmediate(run);
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** SHA-256 over the parts, each preceded by its length so that no two lists of parts read alike; base64url. */
export function fingerprint(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url');
}
