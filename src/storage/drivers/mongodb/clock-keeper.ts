import type { MongoClock, Sighting } from './clock.js';

/** Milliseconds between two sightings of the server's time: drift stays below a few milliseconds meanwhile. */
const REFRESH_MS = 10_000;

/** Milliseconds after a sighting that failed, or while the clock is not bounded. */
const RETRY_MS = 1_000;

/** Looks at the start, of which the sharpest counts: the first ones pay for the connection. */
const FIRST_LOOKS = 5;

/** Calls off what was planned. */
type Cancel = () => void;

/** What keeping a clock takes from outside. */
export interface ClockKeeping {
  /** Looks at the server's time; rejects when there is none to be had. */
  readonly look: () => Promise<Sighting>;
  /** Runs it once after so many milliseconds. */
  readonly after: (ms: number, run: () => void) => Cancel;
}

/** The sharpest of a few sightings. Rejects when the first of them cannot be had. */
export async function firstSighting(look: ClockKeeping['look']): Promise<Sighting> {
  let best = await look();
  for (let looks = 1; looks < FIRST_LOOKS; looks++) {
    const next = await look();
    if (next.error <= best.error) best = next;
  }
  return best;
}

/** Keeps a clock near the server's time: looks every few seconds, and at once when told that something changed. */
export class ClockKeeper {
  private cancel: Cancel | null = null;
  private looking = false;
  private again = false;
  private stopped = false;

  constructor(
    private readonly clock: MongoClock,
    private readonly keeping: ClockKeeping,
  ) {}

  start(): void {
    this.plan(REFRESH_MS);
  }

  /** Looks now: the server may be another one, or its time another. */
  hurry(): void {
    if (this.looking) this.again = true;
    else this.plan(0);
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  private plan(ms: number): void {
    this.cancel?.();
    if (!this.stopped) this.cancel = this.keeping.after(ms, () => void this.look());
  }

  private async look(): Promise<void> {
    this.looking = true;
    const seen = await this.keeping.look().catch(() => null);
    this.looking = false;
    if (seen !== null) this.clock.sighted(seen);
    const soon = this.again ? 0 : RETRY_MS;
    const settled = seen !== null && this.clock.bounded && !this.again;
    this.again = false;
    this.plan(settled ? REFRESH_MS : soon);
  }
}
