import { formatMessageId, type BatchId } from '../../domain/message-id.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { OutcomeOf, PostOp, ProducerKey, QueueRef } from '../../storage/ports/index.js';
import type { CallContext, Messages, Post, Receipt } from '../api.js';
import type { Chain } from '../commit/chain.js';
import type { EngineParts } from '../parts.js';
import { queueNotFound, storageFull } from '../refusals.js';

/** A post with all that a repeated try must have in common. */
export type PreparedPost = Pick<PostOp, 'batch' | 'poster' | 'messages' | 'key'>;

/** What posting is made of, for one post and for many in a chain. */
export interface Poster {
  /** Names the post: a try that is repeated after a change of incarnation is the same post. */
  prepare(post: Post): PreparedPost;
  /** Submits the post to an incarnation and wakes those who wait there. */
  submit(ref: QueueRef, post: PreparedPost, chain?: Chain): Promise<OutcomeOf<PostOp>>;
  /** The receipt of what was stored; throws what the outcome means otherwise (null: there is no such queue). */
  receipt(queue: string, outcome: OutcomeOf<PostOp> | null): Receipt;
}

/** Makes what all doors post by (P1, P2, semantics F1 to F4). */
export function createPoster({ storage, commit, waiters, ids, settings, fingerprint }: EngineParts): Poster {
  function producerKey({ key, messages }: Post): ProducerKey | null {
    if (key === null) return null;
    const content = messages.flatMap((message) => [`${message.ttl}`, message.contentType, message.body]);
    return {
      producer: key.producer,
      sequence: key.sequence.toString(),
      fingerprint: fingerprint(content),
      window: settings.dedupWindow,
    };
  }

  return {
    prepare: (post) => {
      const { poster, messages } = post;
      return { batch: ids.batch(), poster, messages, key: producerKey(post) };
    },
    submit: async (queue, post, chain) => {
      const result = await commit.submit({ kind: 'post', queue, ...post }, chain);
      if (result.kind === 'posted' && !result.duplicate) waiters.notify(queue.uid, result.count);
      return result;
    },
    receipt: (queue, outcome) => {
      if (outcome === null || outcome.kind === 'gone') throw queueNotFound(queue);
      if (outcome.kind === 'full') throw storageFull();
      if (outcome.kind === 'keyReused') {
        throw new MarconiError('PRODUCER_KEY_REUSED', 'The producer key was used before for a different post.');
      }
      if (outcome.kind === 'keyBusy') throw keyBusy();
      return {
        ...places(outcome.batch, outcome.first, outcome.count),
        durability: storage.durability,
        duplicate: outcome.duplicate,
      };
    },
  };
}

/** Stores all messages of a post, or none, and answers when they are durable (P1, P2, semantics F1 to F4). */
export function createPost(parts: EngineParts): Messages['post'] {
  const { directory, gate } = parts;
  const poster = createPoster(parts);
  return async (ctx: CallContext, queue: string, post: Post): Promise<Receipt> => {
    gate.assertOpen();
    const prepared = poster.prepare(post);
    const outcome = await directory.use(ctx.scope, queue, (ref) => poster.submit(ref, prepared));
    return poster.receipt(queue, outcome);
  };
}

function places(batch: BatchId, first: number, count: number): Pick<Receipt, 'ids' | 'markers'> {
  return {
    ids: Array.from({ length: count }, (_, index) => formatMessageId(batch, index)),
    markers: Array.from({ length: count }, (_, index) => first + index),
  };
}

/** Neither of two posts under one key is decided yet: whoever comes again learns what became of them. */
function keyBusy(): MarconiError {
  return new MarconiError('STORAGE_UNAVAILABLE', 'Another post with this producer key is under way; try again.', {
    retryAfterMs: 1_000,
  });
}
