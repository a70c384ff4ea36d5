import { formatMessageId } from '../../domain/message-id.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { ProducerKey } from '../../storage/ports/index.js';
import type { CallContext, Messages, Post, Receipt } from '../api.js';
import type { EngineParts } from '../parts.js';
import { storageFull } from '../refusals.js';

/** Stores all messages of a post, or none, and answers when they are durable (P1, P2, semantics F1 to F4). */
export function createPost(parts: EngineParts): Messages['post'] {
  const { storage, commit, directory, waiters, ids, settings, gate, fingerprint } = parts;

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

  return async (ctx: CallContext, queue: string, post: Post): Promise<Receipt> => {
    gate.assertOpen();
    const { messages, poster } = post;
    // Made before the commit: a try that is repeated after a change of incarnation is the same post.
    const batch = ids.batch();
    const key = producerKey(post);
    const outcome = await directory.use(ctx.scope, queue, async (ref) => {
      const result = await commit.submit({ kind: 'post', queue: ref, batch, poster, messages, key });
      if (result.kind === 'posted' && !result.duplicate) waiters.notify(ref.uid, result.count);
      return result;
    });
    if (outcome === null) {
      throw new MarconiError('QUEUE_NOT_FOUND', `The queue "${queue}" does not exist.`, { metadata: { queue } });
    }
    if (outcome.kind === 'full') throw storageFull();
    if (outcome.kind === 'keyReused') {
      throw new MarconiError('PRODUCER_KEY_REUSED', 'The producer key was used before for a different post.');
    }
    if (outcome.kind === 'keyBusy') throw keyBusy();
    return {
      ids: Array.from({ length: outcome.count }, (_, index) => formatMessageId(outcome.batch, index)),
      markers: Array.from({ length: outcome.count }, (_, index) => outcome.first + index),
      durability: storage.durability,
      duplicate: outcome.duplicate,
    };
  };
}

/** Neither of two posts under one key is decided yet: whoever comes again learns what became of them. */
function keyBusy(): MarconiError {
  return new MarconiError('STORAGE_UNAVAILABLE', 'Another post with this producer key is under way; try again.', {
    retryAfterMs: 1_000,
  });
}
