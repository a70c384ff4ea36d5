import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is neither false, null nor undefined; rejects, naming it, when time is over. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  { ms = 10_000, every = 20 } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer as NonNullable<Exclude<T, false>>;
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain for ${what}.`);
    await sleep(every);
  }
}
