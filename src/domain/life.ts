import { isDue, tickAfter, type Millis, type Tick } from './time.js';

/**
 * What holds a message back from takers until its `due` tick. A claim that has ended needs no write: the tick says it.
 * `delayed` is reserved.
 */
export const HoldState = { FREE: 0, CLAIMED: 1, DELAYED: 2 } as const;
export type HoldState = (typeof HoldState)[keyof typeof HoldState];

/** The part of a message that time acts on. */
export interface Life {
  /** Seconds as shown: the posted ttl, or claim ttl + grace once lengthened. */
  readonly ttl: number;
  /** The tick from which it is gone from every operation. */
  readonly expires: Tick;
  readonly state: HoldState;
  /** The tick at which the state ends; 0 when free. */
  readonly due: Tick;
}

/** True until the message's life is over (semantics section 4). */
export function isVisible(life: Pick<Life, 'expires'>, now: Millis): boolean {
  return !isDue(life.expires, now);
}

/** True while a live claim holds the message (semantics C5). */
export function isClaimed(life: Pick<Life, 'state' | 'due'>, now: Millis): boolean {
  return life.state === HoldState.CLAIMED && !isDue(life.due, now);
}

/** Visible and held by nothing (semantics C1). */
export function isClaimable(life: Pick<Life, 'expires' | 'due'>, now: Millis): boolean {
  return isVisible(life, now) && isDue(life.due, now);
}

/**
 * The life of a message that is claimed, or whose claim is renewed, at `now` for `ttl` seconds: held until the claim's
 * end, and lengthened to end + grace where it would be shorter (semantics section 5, Grace). Life is never shortened.
 */
export function lifeUnderClaim(life: Life, now: Millis, ttl: number, grace: number): Life {
  const due = tickAfter(now, ttl);
  const least = due + grace;
  const held = { state: HoldState.CLAIMED, due };
  if (life.expires >= least) return { ...held, ttl: life.ttl, expires: life.expires };
  return { ...held, ttl: ttl + grace, expires: least };
}
