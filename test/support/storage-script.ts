import type { MessageOp, MessagePageQuery, QueueRef, Storage } from '../../src/storage/ports/index.js';
import { Random } from './random.js';

/** When a script begins. */
export const START = 1_800_000_000_000;
const POSTERS = [null, 'a'.repeat(32), 'b'.repeat(32)];
const UNBOUND = Number.MAX_SAFE_INTEGER;

/** Random steps over two queues, time moving on between batches; ids come from what was posted. */
export class Script {
  private readonly random: Random;
  private readonly ids: string[] = [];
  private readonly claims: string[] = [];
  private batches = 0;
  now = START;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  below(n: number): number {
    return this.random.between(0, n - 1);
  }

  one<T>(list: readonly T[]): T {
    return this.random.pick(list);
  }

  id(): string {
    return this.ids.length === 0 ? 'm0' : this.one(this.ids.slice(-150));
  }

  claim(): string {
    return this.claims.length === 0 ? 'none' : this.one(this.claims.slice(-8));
  }

  private post(queue: QueueRef): MessageOp {
    const batch = String(this.batches++).padStart(16, '0');
    const messages = Array.from({ length: 1 + this.below(60) }, (_, index) => {
      this.ids.push(`m${batch}-${index}`);
      return { body: Buffer.from(`"${'x'.repeat(this.below(30))}"`), contentType: '', ttl: 1 + this.below(90) };
    });
    const sequence = String(this.below(6));
    const key = this.below(6) === 0 ? { producer: 'p', sequence, fingerprint: 'f', window: 20 } : null;
    return { kind: 'post', queue, batch, poster: this.one(POSTERS), messages, key };
  }

  private take(queue: QueueRef): MessageOp {
    const portion = { limit: 1 + this.below(40), maxBytes: this.below(3) === 0 ? 60 : UNBOUND };
    if (this.below(4) === 0) return { kind: 'popNext', queue, ...portion };
    const claim = `c${this.claims.length}`;
    this.claims.push(claim);
    return { kind: 'claimNext', queue, claim, ttl: this.below(25), grace: this.below(10), ...portion };
  }

  step(queue: QueueRef): MessageOp {
    const claim = this.claim();
    const ids = Array.from({ length: this.below(12) }, () => this.id());
    const choices: readonly (() => MessageOp)[] = [
      () => this.post(queue),
      () => this.take(queue),
      () => this.take(queue),
      () => ({ kind: 'renewIfLive', queue, claim, ttl: this.below(40), grace: this.below(20) }),
      () => ({ kind: 'releaseIfLive', queue, claim }),
      () => ({ kind: 'deleteIfAllowed', queue, id: this.id(), claim: this.below(2) === 0 ? claim : null }),
      () => ({ kind: 'deleteAll', queue, ids }),
      () => ({ kind: 'acknowledgeIfHolder', queue, claim, ids }),
    ];
    return this.one(choices)();
  }

  page(queue: QueueRef): MessagePageQuery {
    const position =
      this.below(3) === 0
        ? ({ kind: 'afterMessage', id: this.id() } as const)
        : ({ kind: 'after', marker: this.below(this.ids.length + 2) } as const);
    const includeClaimed = this.below(2) === 0;
    const maxBytes = this.below(3) === 0 ? 50 : UNBOUND;
    return {
      queue,
      position,
      limit: 1 + this.below(80),
      without: this.one(POSTERS),
      includeClaimed,
      maxBytes,
      now: this.now,
    };
  }
}

/** All answers of one round, from one storage; bodies as text, so that they compare. */
export async function answers(
  storage: Storage,
  calls: readonly ((storage: Storage) => Promise<unknown>)[],
): Promise<string> {
  const results: unknown[] = [];
  for (const call of calls) results.push(await call(storage));
  return JSON.stringify(results, (_, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString();
    const { type, data } = (value ?? {}) as { type?: string; data?: number[] };
    return type === 'Buffer' && data ? Buffer.from(data).toString() : value;
  });
}
