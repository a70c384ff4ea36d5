import { freshRef } from '../../../src/conformance/fresh.js';
import type { Kit } from '../../../src/conformance/kit.js';
import type { QueueKit } from '../../../src/conformance/queue-kit.js';

/** An operation whose cost is bounded. */
export interface Costed {
  readonly name: string;
  /** Answers that it waits for one after another, at the most. */
  readonly roundTrips: number;
  /** Makes what has to be there before, and gives the operation itself. */
  readonly prepare: (queue: QueueKit, kit: Kit) => Promise<() => Promise<unknown>>;
}

/** An operation that needs nothing but the queue. */
const plain =
  (run: (queue: QueueKit) => Promise<unknown>): Costed['prepare'] =>
  async (queue) =>
  () =>
    run(queue);

/** An operation on a claim that holds 20 messages. */
const onClaim =
  (run: (queue: QueueKit, claim: string, ids: readonly string[]) => Promise<unknown>): Costed['prepare'] =>
  async (queue) => {
    await queue.post(20);
    const { id, messages } = await queue.claim({ limit: 20 });
    const ids = messages.map((message) => message.id);
    return () => run(queue, id, ids);
  };

/** An operation on 20 messages that nothing holds. */
const onMessages =
  (run: (queue: QueueKit, ids: readonly string[]) => Promise<unknown>): Costed['prepare'] =>
  async (queue) => {
    const ids = await queue.post(20);
    return () => run(queue, ids);
  };

const key = () => ({ producer: 'p', sequence: '1', fingerprint: 'f', window: 100 });

/** As the engine does it: the incarnation is ready before its name is. */
const create: Costed['prepare'] = async (_queue, { storage, now }) => {
  const ref = freshRef();
  return async () => {
    await storage.control.findQueue('p', ref.uid);
    await storage.messages.apply({ ops: [{ kind: 'open', queue: ref }], now });
    await storage.control.createQueue('p', ref.uid, ref, now);
  };
};

/** As the engine does it: the fence comes first. */
const remove: Costed['prepare'] = async ({ ref }, { storage, now }) => {
  await storage.control.createQueue('p', ref.uid, ref, now);
  return async () => {
    await storage.control.findQueue('p', ref.uid);
    await storage.messages.apply({ ops: [{ kind: 'fence', queue: ref }], now });
    await storage.control.deleteQueue('p', ref.uid, ref.uid);
  };
};

/** What an operation on a queue in use costs at the most when nobody is in its way. */
export const COSTS: readonly Costed[] = [
  { name: 'post 1 message', roundTrips: 3, prepare: plain((queue) => queue.post(1)) },
  { name: 'post 100 messages', roundTrips: 3, prepare: plain((queue) => queue.post(100)) },
  { name: 'post with a producer key', roundTrips: 4, prepare: plain((queue) => queue.post(1, { key: key() })) },
  { name: 'list 20 messages', roundTrips: 1, prepare: onMessages((queue) => queue.list({ limit: 20 })) },
  {
    name: 'list 20 messages after an id',
    roundTrips: 2,
    prepare: onMessages((queue, [id]) => queue.list({ position: { kind: 'afterMessage', id: id ?? '' }, limit: 20 })),
  },
  { name: 'read 20 messages by ids', roundTrips: 1, prepare: onMessages((queue, ids) => queue.getMany(ids)) },
  { name: 'claim 20 messages', roundTrips: 3, prepare: onMessages((queue) => queue.claim({ limit: 20 })) },
  { name: 'read a claim', roundTrips: 1, prepare: onClaim((queue, claim) => queue.getClaim(claim)) },
  { name: 'renew a claim', roundTrips: 2, prepare: onClaim((queue, claim) => queue.renew(claim)) },
  { name: 'release a claim', roundTrips: 2, prepare: onClaim((queue, claim) => queue.release(claim)) },
  {
    name: 'acknowledge 20 messages of a claim',
    roundTrips: 2,
    prepare: onClaim((queue, claim, ids) => queue.acknowledge(claim, ids)),
  },
  {
    name: 'delete a message with its claim',
    roundTrips: 2,
    prepare: onClaim((queue, claim, [id]) => queue.delete(id ?? '', claim)),
  },
  { name: 'delete 20 messages by ids', roundTrips: 1, prepare: onMessages((queue, ids) => queue.deleteAll(ids)) },
  { name: 'pop 20 messages', roundTrips: 4, prepare: onMessages((queue) => queue.pop(20)) },
  { name: 'statistics', roundTrips: 2, prepare: onMessages((queue) => queue.stats()) },
  { name: 'create a queue', roundTrips: 3, prepare: create },
  { name: 'delete a queue', roundTrips: 3, prepare: remove },
];
