import type { LimitClass } from './dispatch.js';

/**
 * Calls in flight over all doors and connections, by limit class, so that waiting claims never keep posts out, nor posts claims.
 * Control is bounded by the doors alone: a busy node must still tell how it is.
 */
export const MAX_IN_FLIGHT: Readonly<Record<LimitClass, number>> = {
  // Four full commits. More would only wait, and on a slow disk wait long.
  intake: 256,
  drain: 8_192,
  read: 2_048,
  control: Infinity,
};

/** What a refused call is told to wait. */
export const OVERLOAD_RETRY_MS = 500;

/** Counts calls under way, up to a bound. */
export class InFlight {
  private count = 0;

  constructor(private readonly most: number) {}

  /** False when the bound is reached: the call is not to be served. */
  enter(): boolean {
    if (this.count >= this.most) return false;
    this.count++;
    return true;
  }

  leave(): void {
    this.count--;
  }
}

/** One bound for each limit class. */
export type InFlightByClass = Readonly<Record<LimitClass, InFlight>>;

export function inFlightByClass(most: Readonly<Record<LimitClass, number>> = MAX_IN_FLIGHT): InFlightByClass {
  return {
    intake: new InFlight(most.intake),
    drain: new InFlight(most.drain),
    read: new InFlight(most.read),
    control: new InFlight(most.control),
  };
}
