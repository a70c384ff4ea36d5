import { MarconiError } from '../../errors/marconi-error.js';
import type { Claims, CallContext } from '../api.js';
import type { Timers } from '../deps.js';

/** Releases of one stream that are under way at once. */
const AT_ONCE = 16;

/** Tries for each claim when the node has no room; after them it is left to its ttl. */
const TRIES = 5;

/** Before the second try; later ones wait longer. */
const PAUSE_MS = 200;

/** What releasing needs. */
export interface ReleaseDeps {
  readonly claims: Pick<Claims, 'release'>;
  readonly timers: Timers;
}

/** Releases claims that nobody works on any more. Never rejects: what cannot be released ends by its ttl. */
export async function releaseAll(
  deps: ReleaseDeps,
  ctx: CallContext,
  queue: string,
  claims: readonly string[],
): Promise<void> {
  const waiting = claims.values();
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, claims.length) }, async () => {
      for (const claim of waiting) await releaseOne(deps, ctx, queue, claim);
    }),
  );
}

async function releaseOne({ claims, timers }: ReleaseDeps, ctx: CallContext, queue: string, claim: string) {
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      await claims.release(ctx, queue, claim);
      return;
    } catch (thrown) {
      if (!MarconiError.from(thrown).row.retryable) return;
    }
    await new Promise<void>((resolve) => timers.after(PAUSE_MS * tries, resolve));
  }
}
