import type { NewMessage } from '../../src/gen/marconi/v1/messages.js';

const KIB = 1024;

/** A message whose body is JSON of 1 KiB; `n` tells it from others. */
export function oneKib(n: number): NewMessage {
  const start = `{"n":${n},"text":"`;
  const body = Buffer.from(`${start}${'x'.repeat(KIB - start.length - 2)}"}`);
  return { body, contentType: '', ttlSeconds: 3_600 };
}

/** The number in a body that `oneKib` made. */
export function numberIn(body: Buffer): number {
  return (JSON.parse(body.toString()) as { n: number }).n;
}

/** So many messages. */
export function batchOf(count: number): NewMessage[] {
  return Array.from({ length: count }, (_, n) => oneKib(n));
}
