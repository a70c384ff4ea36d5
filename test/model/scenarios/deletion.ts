import { promise } from '../judges/violation.js';
import type { Actor, Scenario, Script } from '../world/model-world.js';
import { begun, list, opened, post, posting, sweeping, UID, unseen } from '../world/scripts.js';

/** Deletes the queue; what begins after the answer is to find it gone. */
const deleting: Script = async (actor) => {
  const now = await begun(actor, 'deletion');
  await actor.heads.fence(UID, now);
  actor.world.fenced.add(UID);
};

/** Does it, and sees that it comes to nothing if the deletion was acknowledged before. */
const deletedBefore = async <T>(actor: Actor, what: string, use: () => Promise<T>, isGone: (outcome: T) => boolean) => {
  await begun(actor, what);
  const late = actor.world.fenced.has(UID);
  const outcome = await use();
  promise(!late || isGone(outcome), `${what} was answered after the queue was deleted`);
  return outcome;
};

const isGone = ({ kind }: { readonly kind: string }): boolean => kind === 'gone';

/** Posts; when the queue is gone, the same post goes to the one that took its place, as the engine does it. */
const postingAgain: Script = async (actor) => {
  const group = [{ name: 'a', count: 2 }];
  const [outcome] = await deletedBefore(
    actor,
    'a post',
    () => post(actor, UID, group),
    ([first]) => isGone(first!),
  );
  if (outcome?.kind !== 'gone') return;
  const [second] = await post(actor, 'q2', group);
  promise(second?.kind === 'posted', `the post to the new queue came to ${second?.kind}`);
};

const listing: Script = async (actor) => {
  const page = await deletedBefore(
    actor,
    'a page',
    () => list(actor, UID, 0, 10),
    (found) => found === null,
  );
  if (page !== null) actor.world.order.page(UID, [], page, false);
};

const claiming: Script = async (actor) => {
  const queue = { uid: UID, pool: 'default' };
  const op = { kind: 'claimNext', queue, claim: 'c', ttl: 60, grace: 0, limit: 1, maxBytes: 1_000 } as const;
  const take = () => actor.takers.take(UID, [op], actor.world.now, 0);
  await deletedBefore(actor, 'a claim', take, ([outcome]) => isGone(outcome!));
};

const settling: Script = async (actor) => {
  const queue = { uid: UID, pool: 'default' };
  const op = { kind: 'deleteAll', queue, ids: ['ma_______________-0'] } as const;
  const settle = () => actor.settlers.settle(UID, [op], actor.world.now);
  await deletedBefore(actor, 'a deletion by id', settle, ([outcome]) => isGone(outcome!));
};

const base = { setup: opened(UID, 'q2'), consumes: true };
const first = posting([{ name: 'a', count: 2 }]);
const filled: Script = async (actor) => {
  await opened(UID, 'q2')(actor);
  await first(actor);
};

/** A queue is deleted, and made anew, while it is used. */
export const DELETION: readonly Scenario[] = [
  {
    ...base,
    name: 'a post to a queue that is deleted, and again to the new one',
    actors: { A: postingAgain, D: deleting },
    faults: { crashes: 1 },
  },
  {
    ...base,
    name: 'the same, an answer lost',
    actors: { A: postingAgain, D: deleting },
    faults: { losses: 1, to: ['A'] },
    eager: unseen,
  },
  {
    ...base,
    name: 'the same, freed meanwhile',
    actors: { A: postingAgain, D: deleting, S: sweeping() },
  },
  {
    ...base,
    name: 'a list of a queue that is deleted and freed',
    setup: filled,
    actors: { R: listing, D: deleting, S: sweeping() },
  },
  {
    ...base,
    name: 'a list of a queue that is posted to and deleted',
    actors: { A: first, R: listing, D: deleting },
    eager: unseen,
  },
  {
    ...base,
    name: 'a claim on a queue that is deleted and freed',
    setup: filled,
    actors: { C: claiming, D: deleting, S: sweeping() },
  },
  {
    ...base,
    name: 'a deletion by id in a queue that is deleted',
    setup: filled,
    actors: { C: settling, D: deleting },
  },
];
