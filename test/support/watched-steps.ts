import type { Batch, Storage } from '../../src/storage/ports/index.js';

/** A storage that tells of each batch of steps before it is applied; what `before` throws fails the batch. */
export function watchedStorage(storage: Storage, before: (batch: Batch) => void | Promise<void>): Storage {
  const { messages } = storage;
  const apply: typeof messages.apply = async (batch) => {
    await before(batch);
    return messages.apply(batch);
  };
  const watched = new Proxy(messages, {
    get: (target, key) => (key === 'apply' ? apply : (Reflect.get(target, key) as () => unknown).bind(target)),
  });
  return { ...storage, messages: watched };
}
