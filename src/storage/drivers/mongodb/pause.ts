import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that the first pause lasts at the most; each further one twice as long. */
const FIRST_MS = 10;

/** Waits a random while before a step is tried again, longer from one try to the next. */
export async function pause(tries: number): Promise<void> {
  await sleep(Math.random() * FIRST_MS * 2 ** tries);
}
