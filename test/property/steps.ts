import fc from 'fast-check';

/** One of the messages or claims that a sequence has made so far, by its number modulo how many there are. */
export type Pick = number;

/** A step as it is drawn, before it is known which messages and claims there are. */
export type Drawn =
  | {
      readonly kind: 'post';
      readonly sizes: readonly number[];
      readonly ttl: number;
      readonly poster: number;
      readonly key: { readonly producer: number; readonly sequence: number; readonly window: number } | null;
    }
  | Bounded<'claimNext', { readonly ttl: number; readonly grace: number }>
  | Bounded<'popNext'>
  | { readonly kind: 'renewIfLive'; readonly claim: Pick; readonly ttl: number; readonly grace: number }
  | { readonly kind: 'releaseIfLive'; readonly claim: Pick }
  | { readonly kind: 'deleteIfAllowed'; readonly id: Pick; readonly claim: Pick | null }
  | { readonly kind: 'deleteAll'; readonly ids: readonly Pick[] }
  | { readonly kind: 'acknowledgeIfHolder'; readonly claim: Pick; readonly ids: readonly Pick[] };

type Bounded<K extends string, More = unknown> = More & {
  readonly kind: K;
  readonly limit: number;
  readonly maxBytes: number;
};

/** A drawn step on one of the queues; queue 2 is the one that was given up last. */
export interface DrawnStep {
  readonly queue: number;
  readonly step: Drawn;
}

/** How long queues get. */
export interface Sizes {
  /** Messages in one post at the most. */
  readonly post: number;
  /** Messages in one claim at the most. */
  readonly take: number;
}

const pick = fc.nat({ max: 1_000_000 });
const picks = fc.array(pick, { maxLength: 6 });
const claimTtl = fc.constantFrom(0, 1, 5, 10, 10, 60);
const grace = fc.constantFrom(0, 0, 3, 60);
const messageTtl = fc.constantFrom(0, 1, 5, 10, 30, 60, 300, 300);
const key = fc.record({ producer: fc.nat(1), sequence: fc.nat(2), window: fc.constantFrom(1, 20) });

/** Bytes of bodies that a step or a read may return. */
export const maxBytes = fc.constantFrom(1, 40, 150, 1_000_000, 1_000_000);

/** One step. */
export function drawnStep({ post, take }: Sizes): fc.Arbitrary<DrawnStep> {
  const limit = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: take }));
  const sizes = fc.array(fc.constantFrom(0, 1, 10, 100), { minLength: 1, maxLength: post, size: 'max' });
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .record({ sizes, ttl: messageTtl, poster: fc.nat(3), key: fc.option(key, { freq: 2 }) })
        .map(kinded('post')),
    },
    { weight: 5, arbitrary: fc.record({ ttl: claimTtl, grace, limit, maxBytes }).map(kinded('claimNext')) },
    { weight: 1, arbitrary: fc.record({ limit, maxBytes }).map(kinded('popNext')) },
    { weight: 2, arbitrary: fc.record({ claim: pick, ttl: claimTtl, grace }).map(kinded('renewIfLive')) },
    { weight: 2, arbitrary: fc.record({ claim: pick }).map(kinded('releaseIfLive')) },
    {
      weight: 2,
      arbitrary: fc.record({ id: pick, claim: fc.option(pick, { freq: 3 }) }).map(kinded('deleteIfAllowed')),
    },
    { weight: 2, arbitrary: fc.record({ ids: picks }).map(kinded('deleteAll')) },
    { weight: 3, arbitrary: fc.record({ claim: pick, ids: picks }).map(kinded('acknowledgeIfHolder')) },
  );
  const queue = fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constant(1) },
    fc.constant(2),
  );
  return fc.record({ queue, step });
}

function kinded<const K extends string>(kind: K) {
  return <T extends object>(drawn: T): T & { readonly kind: K } => ({ kind, ...drawn });
}
