import { MarconiError } from '../../errors/marconi-error.js';
import type { StoredMessage } from '../../storage/ports/index.js';
import type { At, CallContext, Found, MessageListing, Messages } from '../api.js';
import type { EngineParts } from '../parts.js';
import { messageNotFound } from '../refusals.js';
import { bytesOf } from '../response-bytes.js';
import { createPost } from './post.js';

/** Posts, lists, reads and deletes the messages of a queue. */
export function createMessages(parts: EngineParts): Messages {
  const { storage, commit, directory, settlements, settings, gate } = parts;
  const { messages: store, clock } = storage;

  async function list(
    ctx: CallContext,
    queue: string,
    { position, limit, caller, echo, includeClaimed }: MessageListing,
  ): Promise<At<readonly StoredMessage[]>> {
    const now = clock.now();
    const without = echo ? null : caller;
    const page = await directory.use(ctx.scope, queue, (ref) =>
      store.list({ queue: ref, position, limit, without, includeClaimed, maxBytes: bytesOf(ctx, settings), now }),
    );
    return { value: page?.messages ?? [], now };
  }

  async function getMany(
    ctx: CallContext,
    queue: string,
    ids: readonly string[],
  ): Promise<Found<readonly StoredMessage[]>> {
    const now = clock.now();
    const found = await directory.use(ctx.scope, queue, (ref) => store.getMany(ref, ids, bytesOf(ctx, settings), now));
    return { value: found?.messages ?? [], omitted: found?.omitted ?? [], now };
  }

  async function get(ctx: CallContext, queue: string, id: string): Promise<At<StoredMessage>> {
    const { value, now } = await getMany(ctx, queue, [id]);
    const message = value[0];
    if (message === undefined) throw messageNotFound(id);
    return { value: message, now };
  }

  async function remove(
    ctx: CallContext,
    queue: string,
    id: string,
    claim: string | null,
  ): Promise<{ deleted: boolean }> {
    const outcome = await directory.use(ctx.scope, queue, async (ref) => {
      const result = await commit.submit({ kind: 'deleteIfAllowed', queue: ref, id, claim });
      if (claim !== null) settlements.settled(ref, claim, [id]);
      return result;
    });
    if (outcome?.kind === 'claimed') throw claimedByAnother(id);
    if (outcome?.kind === 'lost') throw claimLost(id);
    return { deleted: outcome?.kind === 'deleted' };
  }

  async function deleteMany(ctx: CallContext, queue: string, ids: readonly string[]): Promise<{ deleted: number }> {
    const outcome = await directory.use(ctx.scope, queue, (ref) =>
      commit.submit({ kind: 'deleteAll', queue: ref, ids }),
    );
    return { deleted: outcome?.kind === 'deleted' ? outcome.count : 0 };
  }

  async function pop(ctx: CallContext, queue: string, limit: number): Promise<At<readonly StoredMessage[]>> {
    gate.assertOpen();
    const outcome = await directory.use(ctx.scope, queue, (ref) =>
      commit.submit({ kind: 'popNext', queue: ref, limit, maxBytes: bytesOf(ctx, settings) }),
    );
    return { value: outcome?.kind === 'popped' ? outcome.messages : [], now: clock.now() };
  }

  return { post: createPost(parts), list, get, getMany, delete: remove, deleteMany, pop };
}

function claimedByAnother(id: string): MarconiError {
  return new MarconiError(
    'MESSAGE_CLAIMED',
    `The message "${id}" is claimed; it cannot be deleted without its claim.`,
    {
      metadata: { message: id },
    },
  );
}

function claimLost(id: string): MarconiError {
  return new MarconiError('CLAIM_LOST', `The message "${id}" is not held by the given claim, or no longer.`, {
    metadata: { message: id },
  });
}
