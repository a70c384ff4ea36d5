import { freshClaim } from '../../../../src/conformance/fresh.js';
import type { Script } from '../script.js';

/** Claims that end each at another second: more than the driver names one by one. */
const MANY_ENDS = 101;

/** Claims at once whose order no server merges from an index. */
const MANY_CLAIMS = 201;

/** Everything that is done with claims. */
export async function scriptClaims(script: Script): Promise<void> {
  const { kit } = script;
  const queue = await script.queue();
  await script.hot('claim from an empty queue', () => queue.tryClaim());
  await queue.post(200);
  const { id, messages } = await script.hot('claim', () => queue.claim({ limit: 20 }));
  const ids = messages.map((message) => message.id);
  await script.hot('claim twice at once', () => kit.applyAll([queue.claimOp(), queue.claimOp()]));
  await script.hot('read a claim', () => queue.getClaim(id));
  await script.hot('renew', () => queue.renew(id));
  await script.hot('delete one with its claim', () => queue.delete(ids[0] as string, id));
  await script.hot('acknowledge', () => queue.acknowledge(id, ids.slice(1, 10)));
  await script.hot('release', () => queue.release(id));
  await script.hot('pop', () => queue.pop(10));
  await script.hot('delete by ids', () => queue.deleteAll(ids));
  await queue.claim({ limit: 200 });
  await script.hot('claim when all is held', () => queue.tryClaim());
  await script.hot('acknowledge many', () =>
    queue.acknowledge(
      id,
      Array.from({ length: 2_500 }, (_, n) => `m${n}`),
    ),
  );
  await script.hot('acknowledge for many', () =>
    kit.applyAll(
      Array.from({ length: 1_200 }, () => ({ kind: 'releaseIfLive', queue: queue.ref, claim: freshClaim() })),
    ),
  );
  kit.now += 70_000;
  await script.background('let go of ended claims', () => script.storage.messages.sweep(kit.now, 1_000));
}

/** Claims and lists where so many claims have ended that their ends cannot be named one by one. */
export async function scriptManyEnds(script: Script): Promise<void> {
  const { kit } = script;
  const queue = await script.queue();
  await queue.post(MANY_CLAIMS + 1);
  const ttl = (index: number): number => 1 + (index % MANY_ENDS);
  const claims = Array.from({ length: MANY_CLAIMS }, (_, index) => queue.claimOp({ limit: 1, ttl: ttl(index) }));
  await script.hot('claim many times at once', () => kit.applyAll(claims));
  kit.now += (MANY_ENDS + 5) * 1_000;
  await script.hot('list among many ended claims', () => queue.list());
  await script.hot('claim among many ended claims', () => queue.claim());
}
