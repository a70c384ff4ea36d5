/** Milliseconds since the Unix epoch, on the store's clock. */
export type Millis = number;

/** Whole seconds since the Unix epoch: everything that falls due, falls due on a tick. */
export type Tick = number;

/** The tick at which a span of `seconds` that begins at `from` is over, rounded up so that no span is cut short. */
export function tickAfter(from: Millis, seconds: number): Tick {
  return Math.ceil(from / 1000 + seconds);
}

/** True when the tick has come. */
export function isDue(tick: Tick, now: Millis): boolean {
  return tick * 1000 <= now;
}

/** The last tick that has come: what is due at `now` is every tick up to it. */
export function currentTick(now: Millis): Tick {
  return Math.floor(now / 1000);
}

/** Whole seconds from `since` to `now`, of exact times, rounded down, never negative (semantics section 4, C8). */
export function ageSeconds(since: Millis, now: Millis): number {
  return Math.max(0, Math.floor((now - since) / 1000));
}
