import type { Millis } from '../../../src/domain/time.js';
import type { MessageOutcomes, Gone, PostOp, ProducerKey } from '../../../src/storage/ports/index.js';
import type { HeadDoc } from '../../../src/storage/drivers/mongodb/documents.js';
import { placedTo } from '../../../src/storage/drivers/mongodb/order/positions.js';
import { promise } from '../judges/violation.js';
import type { Filter } from '../../../src/storage/drivers/mongodb/collection.js';
import { forget } from '../explore/scheduler.js';
import type { Command } from '../store/model-collection.js';
import { START, type Actor, type Script } from './model-world.js';

/** The queue of scenarios that need only one. */
export const UID = 'q';

/** Sixteen characters that name a post. */
export function batchOf(name: string): string {
  return name.padEnd(16, '_');
}

/** What a producer posts. */
export interface Post {
  readonly name: string;
  readonly count: number;
  readonly key?: ProducerKey;
  /** Seconds. */
  readonly ttl?: number;
}

/** A key of the one producer that there is. */
export function keyOf(sequence: number, fingerprint = 'same'): ProducerKey {
  return { producer: 'p', sequence: String(sequence), fingerprint, window: 3_600 };
}

function opOf(uid: string, { name, count, key, ttl = 100_000 }: Post): PostOp {
  const message = { body: new Uint8Array(), contentType: '', ttl };
  const messages = Array.from({ length: count }, () => message);
  return {
    kind: 'post',
    queue: { uid, pool: 'default' },
    batch: batchOf(name),
    poster: null,
    messages,
    key: key ?? null,
  };
}

/** Opens the queues. */
export const opened =
  (...uids: readonly string[]): Script =>
  async ({ heads, world }) => {
    for (const uid of uids) await heads.open(uid, world.now);
  };

/** Posts group by group, waiting for each, until one is not stored. */
export const posting =
  (...groups: readonly (readonly Post[])[]): Script =>
  async (actor) => {
    for (const [index, group] of groups.entries()) {
      await post(actor, UID, group);
      forget(actor.core, [index, actor.memory(UID)]);
    }
  };

/** Posts a group, and has what comes of it judged. */
export async function post(actor: Actor, uid: string, group: readonly Post[], now = actor.world.now) {
  const { order } = actor.world;
  const ops = group.map((each) => opOf(uid, each));
  for (const { batch, messages, key } of ops) {
    order.begun(uid, batch, messages.length, key && `${uid}/${key.producer}/${key.sequence}`);
  }
  const outcomes = await actor.poster.post(uid, ops, now);
  ops.forEach(({ batch }, index) => judge(actor, uid, batch, outcomes[index] as Outcome));
  const stored = outcomes.flatMap((outcome) => (outcome.kind === 'posted' && !outcome.duplicate ? outcome.first : []));
  stored.forEach((first, at) => promise(at === 0 || first > (stored[at - 1] as number), 'a group lost its order'));
  return outcomes;
}

type Outcome = MessageOutcomes['post'] | Gone;

function judge({ world: { order } }: Actor, uid: string, batch: string, outcome: Outcome): void {
  if (outcome.kind !== 'posted' || outcome.batch !== batch) order.refused(uid, batch);
  if (outcome.kind === 'posted') order.posted(uid, outcome.batch, outcome.first, outcome.count);
}

/** Follows the queue: reads pages after the last marker it has, so many times. */
export const following =
  (pages: number, limit = 10): Script =>
  async (actor) => {
    actor.core.sees = placedAlone;
    let seen: readonly string[] = [];
    let marker = 0;
    for (let page = 0; page < pages; page++) {
      const messages = await list(actor, UID, marker, limit);
      if (messages === null) return;
      seen = actor.world.order.page(UID, seen, messages, messages.length === limit);
      marker = messages.at(-1)?.marker ?? marker;
      // All that it goes on with: how it came to know it is of no importance any more.
      forget(actor.core, [marker, seen, actor.memory(UID)]);
    }
  };

/** What reading uses of a head: whether it is gone, and up to where it is placed. */
function placedAlone({ collection }: Command, result: unknown): unknown {
  if (collection !== 'heads' || result === null) return result;
  const head = result as HeadDoc;
  return [head.gone, placedTo(head)];
}

/** A page of everything after the marker; null when the queue is gone. */
export async function list({ readers, world }: Actor, uid: string, marker: number, limit: number) {
  const position = { kind: 'after', marker } as const;
  const rest = { without: null, includeClaimed: true, maxBytes: 1_000 };
  const page = await readers.list({ queue: { uid, pool: 'default' }, position, limit, ...rest, now: world.now });
  return page.kind === 'gone' ? null : page.messages;
}

/** Completes what others left, as every core does each second; `late` milliseconds from the start. */
export const sweeping =
  (late: Millis = 2_000): Script =>
  async ({ sweeping: sweep }) => {
    await sweep.sweep(START + late, 1_000);
  };

/** At the end a new reader sees all that ever was visible. */
export const readingAll: Script = async (actor) => {
  const messages = await list(actor, UID, 0, 1_000);
  if (messages !== null) actor.world.order.page(UID, [], messages, false);
};

/**
 * Commands whose moment nobody can tell while no queue is deleted, nothing expires and no window is over: staged
 * messages are in nobody's sight before their push, and what sweeping looks for beside logs is not there.
 */
export function unseen({ collection, method, what: [filter] }: Command): boolean {
  if (method === 'insertAll') return collection === 'messages';
  if (method !== 'find') return false;
  const { exp, gone, until, uid } = filter as Filter;
  return uid === undefined && (exp !== undefined || gone === true || until !== undefined);
}

/** The commit point of a post. */
export function isPush({ method }: Command): boolean {
  return method === 'findOneAndUpdate';
}

/** Begins at any moment, at the world's time by then. */
export async function begun({ core, world }: Actor, what: string): Promise<Millis> {
  await world.scheduler.moment(core, what);
  return world.now;
}
