import { expect } from 'expect';
import type { ProducerKey } from '../../storage/ports/index.js';
import { ownArea } from '../area.js';
import { pause } from '../beside.js';
import { freshRef } from '../fresh.js';
import { SECOND } from '../facts.js';
import { Pair, type QueuePair } from '../pair.js';
import { expectKind, PLENTY, QueueKit, START } from '../queue-kit.js';

/** What the other instance answers about a queue that it has used before. */
async function answersOf(queue: QueueKit, id: string): Promise<unknown[]> {
  const { messages } = queue.kit.storage;
  const { now } = queue.kit;
  const page = { queue: queue.ref, position: START, limit: 10, without: null, includeClaimed: true };
  return [
    await queue.kit.apply(queue.postOp(1)),
    await queue.kit.apply(queue.claimOp()),
    await queue.kit.apply({ kind: 'deleteAll', queue: queue.ref, ids: [id] }),
    await queue.kit.apply({ kind: 'open', queue: queue.ref }),
    await messages.list({ ...page, maxBytes: PLENTY, now }),
    await messages.getMany(queue.ref, [id], PLENTY, now),
    await messages.stats(queue.ref, now),
  ];
}

async function expectSame(queues: QueuePair, ids: readonly string[], claimed: number): Promise<void> {
  for (const queue of queues) {
    expect(await queue.ids()).toEqual(ids);
    expect(await queue.counts()).toEqual([claimed, ids.length, ids.length + claimed]);
  }
}

/** Two instances on one storage: each sees at once what the other was told is done. */
export const sharing = ownArea(
  'sharing',
  {
    'shows each instance what the other has written, at once': async (workshop) => {
      const pair = await Pair.open(workshop);
      const queues = await pair.queue();
      const left: string[] = [];
      for (let round = 0; round < 10; round++) {
        const [mine, theirs] = round % 2 === 0 ? queues : ([queues[1], queues[0]] as const);
        const [id, rest] = await mine.post(2);
        left.push(id!);
        expect(await theirs.get(rest!)).toMatchObject({ id: rest });
        await expectSame(queues, [...left, rest!], 0);
        const claim = await theirs.claim({ limit: 100 });
        await expectSame(queues, [], left.length + 1);
        expect(await mine.acknowledge(claim.id, [rest!])).toEqual(['acknowledged']);
        expect(await mine.release(claim.id)).toBe(left.length);
        await expectSame(queues, left, 0);
      }
    },

    'shares queues by name, and lets one of many creators win': async (workshop) => {
      const { one, other } = await Pair.open(workshop);
      const [mine, theirs] = [one.storage.control, other.storage.control];
      const create = (control: typeof mine) => control.createQueue('p', 'race', freshRef(), one.now);
      const made = await Promise.all([mine, theirs, mine, theirs, mine, theirs].map(create));
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(made.map(({ queue }) => queue.ref.uid)).size).toBe(1);
      expect(await theirs.setMetadata('p', 'race', Buffer.from('{"a":1}'))).toBe(true);
      const found = await mine.findQueue('p', 'race');
      expect(Buffer.from(found!.metadata).toString()).toBe('{"a":1}');
      expect(await mine.listQueues({ project: 'p', after: '', limit: 10 })).toEqual([found]);
      expect(await mine.deleteQueue('p', 'race', freshRef().uid)).toBe(false);
      expect(await mine.deleteQueue('p', 'race', found!.ref.uid)).toBe(true);
      expect(await theirs.findQueue('p', 'race')).toBeNull();
      expect(await theirs.deleteQueue('p', 'race', found!.ref.uid)).toBe(false);
      expect([...(await theirs.namedUids([found!.ref.uid]))]).toEqual([]);
    },

    'lets a claim be used through either instance': async (workshop) => {
      const pair = await Pair.open(workshop);
      const [mine, theirs] = await pair.queue();
      const ids = await mine.post([{ ttl: 500 }, { ttl: 500 }, { ttl: 500 }]);
      const claim = await mine.claim({ ttl: 60 });
      expect(await theirs.getClaim(claim.id)).toEqual({ kind: 'claim', claim, omitted: [] });
      pair.advance(30);
      expect(await theirs.renew(claim.id, 100)).toMatchObject({ kind: 'renewed' });
      pair.advance(60);
      expect(await mine.getClaim(claim.id)).toMatchObject({ kind: 'claim' });
      expect(await theirs.delete(ids[0]!)).toBe('claimed');
      expect(await theirs.delete(ids[0]!, claim.id)).toBe('deleted');
      expect(await mine.delete(ids[0]!, claim.id)).toBe('absent');
      expect(await theirs.acknowledge(claim.id, ids)).toEqual(['alreadyGone', 'acknowledged', 'acknowledged']);
      expect(await mine.getClaim(claim.id)).toEqual({ kind: 'unknown' });
    },

    'honours no ended claim, whoever took the message anew': async (workshop) => {
      const pair = await Pair.open(workshop);
      const [mine, theirs] = await pair.queue();
      const id = await mine.postOne({ ttl: 1_000 });
      const stale = await mine.claim({ ttl: 60 });
      pair.advance(60);
      const live = await theirs.claim({ ttl: 100 });
      expect(live.messages).toMatchObject([{ id, epoch: 2 }]);
      expect(await mine.renew(stale.id)).toEqual({ kind: 'unknown' });
      expect(await mine.release(stale.id)).toBe(0);
      expect(await mine.acknowledge(stale.id, [id])).toEqual(['claimLost']);
      expect(await mine.delete(id, stale.id)).toBe('lost');
      expect(await mine.getClaim(live.id)).toEqual({ kind: 'claim', claim: live, omitted: [] });
    },

    'shows a fence at once, also for an instance that has just used the queue': async (workshop) => {
      const pair = await Pair.open(workshop);
      for (let round = 0; round < 10; round++) {
        const [mine, theirs] = await pair.queue();
        const id = await theirs.postOne();
        await mine.postOne();
        expect(await mine.kit.apply({ kind: 'fence', queue: mine.ref })).toEqual({ kind: 'fenced' });
        const answers = await answersOf(theirs, id);
        expect(answers).toEqual(answers.map(() => ({ kind: 'gone' })));
      }
    },

    'shows nothing old when a queue is deleted and made anew': async (workshop) => {
      const { one, other } = await Pair.open(workshop);
      for (let round = 0; round < 10; round++) {
        const { queue } = await one.storage.control.createQueue('p', 'again', freshRef(), one.now);
        const old = new QueueKit(one, queue.ref);
        await one.apply({ kind: 'open', queue: queue.ref });
        await old.post(3);
        expect(await new QueueKit(other, queue.ref).ids()).toHaveLength(3);
        await one.apply({ kind: 'fence', queue: queue.ref });
        await one.storage.control.deleteQueue('p', 'again', queue.ref.uid);
        const next = await other.storage.control.createQueue('p', 'again', freshRef(), one.now);
        expect(next).toMatchObject({ created: true });
        const fresh = new QueueKit(other, next.queue.ref);
        await other.apply({ kind: 'open', queue: fresh.ref });
        await expectSame([new QueueKit(one, fresh.ref), fresh], [], 0);
        expect(await one.storage.control.deleteQueue('p', 'again', fresh.ref.uid)).toBe(true);
      }
    },

    'knows a producer key of either: one of two posts at once is stored': async (workshop) => {
      const pair = await Pair.open(workshop);
      const queues = await pair.queue();
      for (let round = 0; round < 10; round++) {
        const key = { producer: 'p', sequence: String(round), fingerprint: 'f', window: 1_000 };
        const receipts = await Promise.all(queues.map((queue) => receiptOf(queue, key)));
        expect(receipts.map(({ duplicate }) => duplicate).sort()).toEqual([false, true]);
        expect(receipts[0]).toMatchObject({ batch: receipts[1]!.batch, first: receipts[1]!.first });
      }
      expect(await queues[0].counts()).toEqual([0, 20, 20]);
      expect(await queues[1].ids()).toHaveLength(20);
    },
  },
  SECOND,
);

/** The receipt of a post of two; a key that another post is not done with is tried again, as a producer does. */
async function receiptOf(queue: QueueKit, key: ProducerKey) {
  const op = queue.postOp(2, { key });
  for (let tries = 0; tries < 1_000; tries++) {
    const outcome = await queue.kit.apply(op);
    if (outcome.kind !== 'keyBusy') return expectKind(outcome, 'posted');
    await pause(10);
  }
  throw new Error('The key stays busy.');
}
