import type { Script } from '../script.js';

/** Waiting for what other cores do. */
export async function scriptSignals(script: Script): Promise<void> {
  const queue = await script.queue();
  await script.hot('hear of a post', async () => {
    let end = (): void => undefined;
    const heard = new Promise<void>((resolve) => (end = script.storage.signals?.watch(queue.ref.uid, resolve) ?? end));
    await script.elsewhere(script.collections, queue.postOp(1));
    await heard;
    end();
  });
}
