import { MongoNetworkTimeoutError } from 'mongodb';
import { DEFAULT_TUNING, type MongoTuning } from './options.js';

/** The client tries a command once more by itself. */
const TRIES = 2;

/** Milliseconds beyond the bounds of the client's own. */
const SLACK_MS = 1_000;

/** Milliseconds after which a command has been given up by the client itself, unless it forgot it. */
export function longestCommand(tuning: MongoTuning = DEFAULT_TUNING): number {
  return TRIES * (tuning.serverSelectionTimeoutMs + tuning.waitQueueTimeoutMs + tuning.timeoutMs) + SLACK_MS;
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
