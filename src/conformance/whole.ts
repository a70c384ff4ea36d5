import { expect } from 'expect';
import type { MessageOutcomes, ProducerKey, QueueRef, Storage } from '../storage/ports/index.js';
import { freshClient, freshRef } from './fresh.js';
import { Kit } from './kit.js';
import { QueueKit } from './queue-kit.js';

/** A storage with something of everything in it. */
export interface Furnished {
  readonly kit: Kit;
  readonly ref: QueueRef;
  readonly poster: string;
  readonly key: ProducerKey;
  /** Of the post under the key. */
  readonly receipt: Extract<MessageOutcomes['post'], { kind: 'posted' }>;
  /** A live claim of two messages, and one that has ended. */
  readonly claim: string;
  readonly ended: string;
  /** An incarnation that is fenced. */
  readonly fenced: QueueRef;
}

/** Puts something of everything into a new storage. */
export async function furnish(storage: Storage): Promise<Furnished> {
  const kit = new Kit(storage, false);
  const poster = freshClient();
  const created = await storage.control.createQueue('a/b', 'c', freshRef(), kit.now);
  await storage.control.setMetadata('a/b', 'c', Buffer.from('{"k":1}'));
  const queue = new QueueKit(kit, created.queue.ref);
  const fenced = await kit.queue();
  await kit.applyAll([
    { kind: 'open', queue: queue.ref },
    { kind: 'fence', queue: fenced.ref },
  ]);
  const key = { producer: 'p', sequence: '7', fingerprint: 'f', window: 1_000 };
  const receipt = await queue.receipt([{ ttl: 60 }, {}, {}, { ttl: 900 }], { key, poster });
  const claim = await queue.claim({ limit: 2, ttl: 100 });
  const ended = await queue.claim({ limit: 1, ttl: 60 });
  await kit.advance(61);
  await queue.postOne();
  return { kit, ref: queue.ref, poster, key, receipt, claim: claim.id, ended: ended.id, fenced: fenced.ref };
}

/** All that the storage shows of what was put into it. */
export async function showAll({ ref, poster, claim, ended }: Furnished, kit: Kit) {
  const queue = new QueueKit(kit, ref);
  return {
    record: await kit.storage.control.findQueue('a/b', 'c'),
    listed: await kit.storage.control.listQueues({ project: 'a/b', after: '', limit: 10 }),
    all: await queue.list({ includeClaimed: true }),
    foreign: await queue.list({ without: poster }),
    claim: await queue.getClaim(claim),
    ended: await queue.getClaim(ended),
    stats: await queue.stats(),
    open: await kit.storage.messages.openQueues('', 10),
  };
}

/**
 * Fails unless the storage that `again` opens shows all that was put into the one before, which it ends, and goes on
 * from there.
 */
export async function expectKept(furnished: Furnished, again: () => Promise<Storage>): Promise<void> {
  const { kit: before, ref, key, receipt, claim, fenced } = furnished;
  const whole = await showAll(furnished, before);
  expect(whole.all).toHaveLength(5);
  // The time of a shared storage is its server's, which has not followed the kit's.
  const reached = before.storage.capabilities.shared ? before.storage.clock.now() : before.now;
  const after = new Kit(await again(), false);
  expect(after.storage.clock.now()).toBeGreaterThanOrEqual(reached);
  after.now = before.now;
  expect(await showAll(furnished, after)).toEqual(whole);
  const queue = new QueueKit(after, ref);
  expect(await queue.receipt(4, { key })).toEqual({ ...receipt, duplicate: true });
  expect((await queue.receipt(1)).first).toBeGreaterThan(whole.all.at(-1)!.marker);
  expect(await queue.release(claim)).toBe(2);
  expect(await after.apply({ kind: 'open', queue: fenced })).toEqual({ kind: 'gone' });
  expect((await queue.claim({ limit: 3 })).messages.map(({ epoch }) => epoch)).toEqual([2, 2, 2]);
}
