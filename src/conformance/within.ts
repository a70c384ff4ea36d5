/** Something took longer than it may. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
}

/** What the work comes to; rejects with Overdue when it takes longer than so many milliseconds, and lets it be. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overdue(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
