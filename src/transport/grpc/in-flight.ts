import type { LimitClass } from '../dispatch.js';
import { MAX_IN_FLIGHT } from './limits.js';

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
