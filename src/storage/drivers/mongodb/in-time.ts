import { MongoNetworkTimeoutError } from 'mongodb';
import { DEFAULT_TUNING, type MongoTuning } from './options.js';

/** Milliseconds beyond the client's own bound of one command. */
const SLACK_MS = 1_000;

/**
 * Milliseconds that a command has with all that it waits for, the client's own second try included: so few that a caller
 * is told of it before the gateway gives the call up (15 s), and a retry begun at the last moment (`retrying.ts`, 10 s)
 * ends within 25 s.
 */
export function longestCommand({ timeoutMs }: Pick<MongoTuning, 'timeoutMs'> = DEFAULT_TUNING): number {
  return timeoutMs + SLACK_MS;
}

/**
 * What the command comes to, or a broken connection after so many milliseconds. The client's own bounds end with the
 * socket: a command that is written to one that is destroyed and not yet closed is never answered (mongodb 7.9).
 */
export async function inTime<T>(ms: number, command: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MongoNetworkTimeoutError(`no end after ${ms} ms`)), ms);
    timer.unref();
  });
  try {
    return await Promise.race([command(), late]);
  } finally {
    clearTimeout(timer);
  }
}
