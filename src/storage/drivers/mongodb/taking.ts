import { lifeUnderClaim, HoldState } from '../../../domain/life.js';
import { currentTick, tickAfter, type Millis, type Tick } from '../../../domain/time.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import type { ClaimNextOp, Gone, MessageOutcomes, PopNextOp } from '../../ports/index.js';
import type { Statement } from './collection.js';
import type { Collections } from './collections.js';
import { FREE, type MessageDoc, type MessageFacts } from './documents.js';
import type { EndedTicks } from './ended-ticks.js';
import { halfWay } from './errors.js';
import type { WholePosts } from './order/whole-posts.js';
import { pause, type Pause } from './pause.js';
import { BY_MARKER, FACTS, freeAfter, inParts } from './queries.js';
import { expiryOf, fitting, inOrder, show, showClaim } from './show.js';

/** A step that takes messages. */
export type TakeOp = ClaimNextOp | PopNextOp;
type TakeOutcome = MessageOutcomes['claimNext'] | MessageOutcomes['popNext'] | Gone;

/** Rounds in which takers that lost every message to other cores look again. */
const ROUNDS = 5;

/** Messages that one round considers at the most. */
const MAX_CANDIDATES = 2_000;

/** Seconds for which a pop holds what it is about to delete: what a crash between the two costs. */
const POP_TTL = 30;

/** What taking needs beside the collections. */
export interface TakerDeps {
  readonly whole: WholePosts;
  readonly ended: EndedTicks;
  /** A claim id for a pop, never given twice. */
  readonly nonce: () => string;
  readonly pause?: Pause;
}

/** A step with the claim that its messages get, and for how long. */
interface Taker {
  readonly op: TakeOp;
  readonly claim: string;
  readonly ttl: number;
  readonly grace: number;
}

/**
 * Claims and pops. Candidates are read, then claimed one by one by their epoch, each in one atomic step: whoever comes
 * second finds another epoch and gets nothing (P4). What the claim then holds is what it got.
 */
export class Takers {
  private readonly pause: Pause;

  constructor(
    private readonly messages: Collections['messages'],
    private readonly deps: TakerDeps,
  ) {
    ({ pause: this.pause = pause } = deps);
  }

  /** Takes for all steps of one queue; `skew` as in `Batch`. */
  async take(uid: string, ops: readonly TakeOp[], now: Millis, skew: Millis): Promise<readonly TakeOutcome[]> {
    const takers = ops.map((op) => this.takerOf(op));
    const won = new Map<Taker, readonly MessageDoc[]>();
    let contended = true;
    for (let round = 0; round < ROUNDS; round++) {
      const waiting = takers.filter((taker) => !won.has(taker));
      if (waiting.length === 0) break;
      if (round > 0) await this.pause(round);
      const shares = await this.candidates(uid, waiting, now, skew);
      if (shares === null) return ops.map(() => ({ kind: 'gone' }));
      contended = shares.size > 0;
      if (!contended) break;
      await this.claim(uid, shares, now);
      const got = await halfWay(() => this.holdings(uid, [...shares.keys()]));
      for (const [taker, docs] of got) won.set(taker, docs);
    }
    await halfWay(() => this.deletePopped(uid, won));
    const lost = takers.some((taker) => !won.has(taker));
    // Who lost every round comes again at once: there was something to be had.
    const nextAt = !lost ? null : contended ? currentTick(now) : await halfWay(() => this.nextEnd(uid, now, skew));
    return takers.map((taker) => outcomeOf(taker, won.get(taker), nextAt, now));
  }

  private takerOf(op: TakeOp): Taker {
    if (op.kind === 'claimNext') return { op, claim: op.claim, ttl: op.ttl, grace: op.grace };
    return { op, claim: `pop-${this.deps.nonce()}`, ttl: POP_TTL, grace: 0 };
  }

  /**
   * What each taker is to try for; those for whom nothing is left are not in it; null when gone. Always the first that
   * are free: a message that was passed over, for others to have it, might be taken after later ones (F1, C2).
   */
  private async candidates(uid: string, takers: readonly Taker[], now: Millis, skew: Millis) {
    const tick = currentTick(now - skew);
    const limit = Math.min(
      MAX_CANDIDATES,
      takers.reduce((sum, { op }) => sum + op.limit, 0),
    );
    const over = await this.deps.ended.overAt(uid, tick);
    const found = await this.deps.whole.read<MessageFacts>(uid, async () => {
      const filter = freeAfter(uid, 0, over, tick, now);
      const messages = await this.messages.find(filter, { sort: BY_MARKER, limit, fields: FACTS });
      return { messages, cut: messages.length === limit };
    });
    if (found === null) return null;
    return share(found, takers);
  }

  private async claim(uid: string, shares: ReadonlyMap<Taker, readonly MessageFacts[]>, now: Millis): Promise<void> {
    const statements = [...shares].flatMap(([taker, facts]) => facts.map((fact) => claimOne(uid, fact, taker, now)));
    await this.messages.bulk(statements, { ordered: false });
    for (const { ttl } of shares.keys()) this.deps.ended.note(uid, tickAfter(now, ttl));
  }

  /** What the claims really hold; those that hold nothing are not in it. */
  private async holdings(uid: string, takers: readonly Taker[]): Promise<ReadonlyMap<Taker, readonly MessageDoc[]>> {
    const limit = takers.reduce((sum, { op }) => sum + op.limit, 0);
    const claims = takers.map(({ claim }) => claim);
    // Not sorted by the server: it merges the order of a bounded number of claims, and sorts whole bodies beyond.
    const found = await inParts(claims, (part) => this.messages.find({ uid, cl: { $in: part } }, { limit }));
    const docs = inOrder(found);
    const entries = takers.map((taker): [Taker, MessageDoc[]] => [taker, docs.filter(({ cl }) => cl === taker.claim)]);
    return new Map(entries.filter(([, held]) => held.length > 0));
  }

  private async deletePopped(uid: string, won: ReadonlyMap<Taker, readonly MessageDoc[]>): Promise<void> {
    const popped = [...won].flatMap(([{ op }, docs]) => (op.kind === 'popNext' ? docs : []));
    const statements = popped.map(({ _id, ep }): Statement => ({ kind: 'delete', filter: { _id, uid, ep } }));
    const { deleted } = await this.messages.bulk(statements, { ordered: false });
    // Slower than the hold: somebody else may have some of them by now.
    if (deleted < popped.length) throw new MarconiError('STORAGE_UNAVAILABLE', 'The storage was too slow for a pop.');
  }

  /** A lower bound for the tick at which a held message comes free to takers; null when none is held. */
  private async nextEnd(uid: string, now: Millis, skew: Millis): Promise<Tick | null> {
    const filter = { uid, due: { $gt: currentTick(now - skew) } };
    const [first] = await this.messages.find(filter, { sort: { due: 1 }, limit: 1, fields: FACTS });
    return first === undefined ? null : first.due + Math.ceil(skew / 1000);
  }
}

/** Deals messages out in order: to each taker up to its limit and bytes, and at least one. */
function share(found: readonly MessageFacts[], takers: readonly Taker[]): Map<Taker, readonly MessageFacts[]> {
  const shares = new Map<Taker, readonly MessageFacts[]>();
  let from = 0;
  for (const taker of takers) {
    const part = fitting(found.slice(from, from + taker.op.limit), taker.op.maxBytes);
    if (part.length > 0) shares.set(taker, part);
    from += part.length;
  }
  return shares;
}

function claimOne(uid: string, fact: MessageFacts, taker: Taker, now: Millis): Statement {
  const { _id, ep, due } = fact;
  const held = { cl: taker.claim, ct: taker.ttl, cs: new Date(now) };
  const life = lifeUnderClaim(
    { ttl: fact.ttl, expires: expiryOf(fact), state: due === FREE ? HoldState.FREE : HoldState.CLAIMED, due },
    now,
    taker.ttl,
    taker.grace,
  );
  // A pop deletes what it holds: the message's life is not its business.
  const grown = taker.op.kind === 'popNext' ? {} : { exp: new Date(life.expires * 1000), ttl: life.ttl };
  const update = { $set: { ...held, due: life.due, ...grown }, $inc: { ep: 1, tries: 1 } };
  return { kind: 'update', filter: { _id, uid, ep, due }, update };
}

function outcomeOf(
  { op }: Taker,
  docs: readonly MessageDoc[] | undefined,
  nextAt: Tick | null,
  now: Millis,
): TakeOutcome {
  if (docs === undefined) return { kind: 'none', nextAt };
  if (op.kind === 'claimNext') return { kind: 'claimed', claim: { ...showClaim(docs), ttl: op.ttl, since: now } };
  const messages = docs.map((doc) => show({ ...doc, ep: doc.ep - 1, tries: doc.tries - 1 }));
  return { kind: 'popped', messages };
}
