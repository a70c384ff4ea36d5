import { freshRef } from '../../../../src/conformance/fresh.js';
import type { Script } from '../script.js';

/** The life of queues, from their names to the last row that is freed. */
export async function scriptQueues(script: Script): Promise<void> {
  const { kit, storage } = script;
  const { control, messages } = storage;
  const queue = await script.queue();
  const create = (name: string) => control.createQueue('p', name, queue.ref, kit.now);
  await script.hot('create a queue', () => create('q1'));
  await script.hot('create a queue that is there', () => create('q1'));
  await script.hot('find a queue', () => control.findQueue('p', 'q1'));
  await script.hot('list queues', () => control.listQueues({ project: 'p', after: '', limit: 100 }));
  await script.hot('set metadata', () => control.setMetadata('p', 'q1', Buffer.from('{"a":1}')));
  await queue.post(20);
  await queue.post(1, { key: { producer: 'p', sequence: '1', fingerprint: 'f', window: 100 } });

  await script.background('find open incarnations', () => messages.openQueues('', 100));
  const uids = [queue.ref.uid, ...Array.from({ length: 1_200 }, () => freshRef().uid)];
  await script.background('tell which of them have a name', () => control.namedUids(uids));

  await script.hot('fence', () => kit.apply({ kind: 'fence', queue: queue.ref }));
  await script.hot('delete a queue', () => control.deleteQueue('p', 'q1', queue.ref.uid));
  await script.hot('post to a fenced queue', () => kit.apply(queue.postOp(3)));
  await script.background('free the rows of a fenced queue', () => messages.sweep(kit.now, 10));
  await script.background('free the rest of them', () => messages.sweep(kit.now + 1_000, 1_000));
}

/** What ends by time. */
export async function scriptExpiry(script: Script): Promise<void> {
  const { kit, storage } = script;
  const queue = await script.queue();
  await queue.post(20);
  await queue.post(1, { key: { producer: 'p', sequence: '1', fingerprint: 'f', window: 10 } });
  kit.now += 300_000;
  await script.background('free what is expired', () => storage.messages.sweep(kit.now, 1_000));
}
