/** Looks at the most while something is under way: far more than any of it takes. */
const MOST_LOOKS = 100_000;

/** Lets everything else have a turn: answers that need no input or output would otherwise leave none. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets so many milliseconds pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Repeats the look until the work is done, and once more then; rejects when either does. */
export async function lookWhile<T>(work: Promise<T>, look: () => Promise<void>): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  const looking = async (): Promise<void> => {
    for (let looks = 0; !done && looks < MOST_LOOKS; looks++) {
      await look();
      await turn();
    }
  };
  const [result] = await Promise.all([watched, looking()]);
  await look();
  return result;
}
