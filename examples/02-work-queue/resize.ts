import { setTimeout as sleep } from 'node:timers/promises';

/** Stands for your work: it takes its time, and it fails. */
export async function resize(image: string, attempt: number): Promise<void> {
  await sleep(20);
  if (image === 'broken.png') throw new Error('not an image');
  if (image === 'flaky.png' && attempt === 1) throw new Error('out of memory');
}
