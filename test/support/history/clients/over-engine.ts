import type { CallContext, Engine } from '../../../../src/engine/api.js';
import type { Removal } from '../operations.js';
import { sighting } from './over-storage.js';
import type { QueueAccess } from './queue-access.js';

const OUTCOMES = { acknowledged: 'removed', alreadyGone: 'absent', claimLost: 'refused' } as const;

/** A queue of an engine, created when it is not there. A claim request waits up to `waitMs` for a message. */
export async function overEngine(engine: Engine, ctx: CallContext, name: string, waitMs = 0): Promise<QueueAccess> {
  const { messages, claims } = engine;
  await engine.queues.create(ctx, name);
  return {
    name: `${ctx.scope.project}/${name}`,
    async post(values, ttl, repeat) {
      const { ids, markers } = await messages.post(ctx, name, {
        poster: null,
        messages: values.map((value) => ({ body: Buffer.from(value), contentType: 'text/plain', ttl })),
        key: repeat && { producer: repeat.producer, sequence: BigInt(repeat.sequence) },
      });
      return { ids: [...ids], markers: [...markers] };
    },
    async claim(ttl, grace, limit) {
      const { value } = await claims.create(ctx, name, { ttl, grace, limit, waitMs });
      return value && { claim: value.id, messages: value.messages.map(sighting) };
    },
    async remove(ids, claim): Promise<readonly Removal[]> {
      if (claim !== null) return (await claims.acknowledge(ctx, name, claim, ids)).map((text) => OUTCOMES[text]);
      await messages.deleteMany(ctx, name, ids);
      return ids.map(() => 'gone');
    },
    release: async (claim) => (await claims.release(ctx, name, claim)).released > 0,
    async renew(claim, ttl, grace) {
      try {
        await claims.renew(ctx, name, claim, ttl, grace);
        return true;
      } catch (thrown) {
        if ((thrown as { reason?: unknown }).reason === 'CLAIM_NOT_FOUND') return false;
        throw thrown;
      }
    },
    async list(after, limit) {
      const position = { kind: 'after', marker: Number(after) } as const;
      const page = await messages.list(ctx, name, { position, limit, caller: null, echo: true, includeClaimed: true });
      return { messages: page.value.map(sighting), next: String(page.value.at(-1)?.marker ?? after) };
    },
  };
}
