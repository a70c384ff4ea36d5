import type { WholeQueue } from '../../../../src/storage/ports/index.js';
import { freshRef } from '../../../../src/conformance/fresh.js';
import { Applier } from '../../../../src/storage/drivers/mongodb/order/apply.js';
import { MongoTransfer } from '../../../../src/storage/drivers/mongodb/transfer.js';
import { crash, intercepted } from '../intercepted.js';
import type { Script } from '../script.js';

/** Copying a whole storage, which may ask all shards for the names of queues. */
export async function scriptTransfer(script: Script): Promise<void> {
  const { kit, collections, storage } = script;
  const transfer = new MongoTransfer(collections, new Applier(collections), () => kit.now);
  const queue = await script.queue();
  await storage.control.createQueue('copied', 'q', queue.ref, kit.now);
  await queue.post(3, { key: { producer: 'p', sequence: '1', fingerprint: 'f', window: 100 } });
  await script.crashing(intercepted(collections, 'messages', 'bulk', crash), queue.postOp(2));
  const { uid } = queue.ref;

  const [first] = await script.background('copy the first queue', () => transfer.queues(null, 1));
  await script.background('copy the next queues', () => transfer.queues(first as WholeQueue, 100));
  const messages = await script.hot('copy messages', () => transfer.messages(uid, 0, 100, 10_000, kit.now));
  const keys = await script.hot('copy keys', () => transfer.keys(uid, null, 100, kit.now));
  await script.hot('copy the next keys', () => transfer.keys(uid, keys[0] ?? null, 100, kit.now));

  const copy = { ...(first as WholeQueue), ref: freshRef(), name: 'copy' };
  await script.hot('put a queue', () => transfer.putQueue(copy));
  await script.hot('put messages', () => transfer.putMessages(copy.ref.uid, messages));
  await script.hot('put keys', () => transfer.putKeys(copy.ref.uid, keys));
  await script.hot('name a queue', () => transfer.nameQueue(copy));
  await script.hot('name it again', () => transfer.nameQueue(copy));
}
