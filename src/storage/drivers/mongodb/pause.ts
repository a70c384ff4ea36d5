import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that the first pause lasts at the most; each further one twice as long. */
const FIRST_MS = 10;

/** Waits before a step is tried again, longer from one try to the next. */
export type Pause = (tries: number) => Promise<void>;

/** Waits a random while. */
export const pause: Pause = async (tries) => {
  await sleep(Math.random() * FIRST_MS * 2 ** tries);
};
