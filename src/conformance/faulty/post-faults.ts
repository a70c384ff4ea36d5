import type { MessageOp, PostOp, Storage } from '../../storage/ports/index.js';
import { pause } from '../beside.js';
import type { Scene } from './scene.js';
import { idsOf, rewriting, showing, withMessages, type Rewrite } from './wrap.js';

/** Every so many posts one is lost: rarely enough that a single post hardly shows it. */
const LOST_EVERY = 5;

/** How long what is stored stays out of sight, in milliseconds: shorter than any caller would wait to look. */
const HIDDEN_MS = 3;

const isPost = (op: MessageOp): op is PostOp => op.kind === 'post';

/** Now and then acknowledges a post and does not keep it. */
export function losesPost(storage: Storage, { notes }: Scene): Storage {
  const lose: Rewrite = (op) => {
    if (!isPost(op) || ++notes.posts % LOST_EVERY !== 0) return [op];
    return [op, { kind: 'deleteAll', queue: op.queue, ids: idsOf(op) }];
  };
  return rewriting(storage, lose);
}

/** Stores a post and shows only its first half until it is acknowledged. */
export function showsHalfPost(storage: Storage, { notes }: Scene): Storage {
  return hiding(storage, notes.hidden, (op) => idsOf(op).slice(Math.ceil(op.messages.length / 2)));
}

/** Lets posts of the first instance come into sight after later ones of others, behind who has read those. */
export function showsBehindReader(storage: Storage, { notes, instance }: Scene): Storage {
  return hiding(storage, notes.hidden, (op) => (instance === 0 ? idsOf(op) : []));
}

function hiding(storage: Storage, hidden: Set<string>, hide: (op: PostOp) => readonly string[]): Storage {
  const shown = showing(storage, (messages) => messages.filter(({ id }) => !hidden.has(id)));
  return withMessages(shown, {
    apply: async (batch) => {
      const ids = batch.ops.filter(isPost).flatMap(hide);
      for (const id of ids) hidden.add(id);
      const outcomes = await storage.messages.apply(batch);
      if (ids.length > 0) await pause(HIDDEN_MS);
      for (const id of ids) hidden.delete(id);
      return outcomes;
    },
  });
}

/** Stores a repeated post again. */
export function forgetsProducerKey(storage: Storage): Storage {
  return rewriting(storage, (op) => [isPost(op) ? { ...op, key: null } : op]);
}

/** Has lost the newest post of each queue when it is opened again. */
export function dropsOnReopen(storage: Storage, { notes, instance, reopened }: Scene): Storage {
  if (reopened) for (const { ids } of notes.lastPost.values()) for (const id of ids) notes.hidden.add(id);
  const shown = showing(storage, (messages) => messages.filter(({ id }) => !notes.hidden.has(id)));
  return noting(shown, (op) => notes.lastPost.set(op.queue.uid, { ids: idsOf(op), instance }));
}

/** Does not show an instance the newest post of another until the next one comes. */
export function seesOthersLate(storage: Storage, { notes, instance }: Scene): Storage {
  const shown = showing(storage, (messages) => {
    const late = [...notes.lastPost.values()].filter((post) => post.instance !== instance).flatMap(({ ids }) => ids);
    return messages.filter(({ id }) => !late.includes(id));
  });
  return noting(shown, (op) => notes.lastPost.set(op.queue.uid, { ids: idsOf(op), instance }));
}

function noting(storage: Storage, note: (op: PostOp) => void): Storage {
  return rewriting(storage, (op) => {
    if (isPost(op)) note(op);
    return [op];
  });
}
