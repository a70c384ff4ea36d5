import type { Cancel, Timers } from '../deps.js';

/** Why a waiter goes on. */
export type Wake = 'tryAgain' | 'over';

/** One caller that waits until its queue has something for it. Always ended by `leave`. */
export interface Waiter {
  /**
   * Parks until the queue has news, `heldForMs` have passed (null: nothing is held), or the wait is over.
   * News that came since the waiter last went on count: it does not park then.
   */
  park(heldForMs: number | null): Promise<Wake>;
  /** Ends the waiting; `served` tells whether it found something, otherwise its news is handed on. */
  leave(served: boolean): void;
}

interface Entry {
  readonly line: Line;
  /** News came while it tried. */
  stale: boolean;
  /** It was woken and has not tried since: the news is in its hands. */
  woken: boolean;
  wake: ((wake: Wake) => void) | null;
}

/** The waiters of one queue in order of arrival. */
interface Line {
  readonly uid: string;
  readonly entries: Set<Entry>;
  heldTimer: Cancel | null;
}

/** A tick may be told a moment too early by a clock that is read elsewhere: no timer runs shorter. */
const LEAST_TIMER_MS = 50;

/** How many waiters go on when held messages come free: nobody knows how many did; each that is served wakes the next. */
const WAKE_WHEN_FREED = 4;

/**
 * Callers that wait for messages, by queue. A post of n messages wakes at most n of them, first come first served; the
 * cost of a wake-up does not grow with the number that stays idle.
 */
export class Waiters {
  private readonly lines = new Map<string, Line>();
  private count = 0;
  private closed = false;

  constructor(private readonly timers: Timers) {}

  get waiting(): number {
    return this.count;
  }

  /** Enters the queue's line. Called before the first try, so that no news between try and parking is lost. */
  enter(uid: string, waitMs: number, signal: AbortSignal | undefined): Waiter {
    const line = this.line(uid);
    const entry: Entry = { line, stale: false, woken: false, wake: null };
    line.entries.add(entry);
    this.count++;
    let over = false;
    const end = (): void => {
      over = true;
      entry.wake?.('over');
    };
    const cancelTimer = this.timers.after(waitMs, end);
    signal?.addEventListener('abort', end, { once: true });
    return {
      park: (heldForMs) => {
        entry.woken = false;
        if (over || this.closed || signal?.aborted) return Promise.resolve('over');
        if (entry.stale) {
          entry.stale = false;
          return Promise.resolve('tryAgain');
        }
        if (heldForMs !== null) this.wakeWhenFreed(line, heldForMs);
        return new Promise((resolve) => {
          entry.wake = (wake) => {
            entry.wake = null;
            resolve(wake);
          };
        });
      },
      leave: (served) => {
        cancelTimer();
        signal?.removeEventListener('abort', end);
        this.remove(entry);
        if (!served && (entry.woken || entry.stale)) this.notify(uid, 1);
      },
    };
  }

  /** There may be something for up to `messages` waiters of the queue. */
  notify(uid: string, messages: number): void {
    const line = this.lines.get(uid);
    if (line === undefined) return;
    let left = messages;
    for (const entry of line.entries) {
      if (left <= 0) return;
      if (entry.wake === null) {
        entry.stale = true;
        continue;
      }
      entry.woken = true;
      entry.wake('tryAgain');
      left--;
    }
  }

  /** Ends every wait, now and from now on. */
  close(): void {
    this.closed = true;
    for (const line of this.lines.values()) {
      line.heldTimer?.();
      for (const entry of line.entries) entry.wake?.('over');
    }
  }

  private wakeWhenFreed(line: Line, heldForMs: number): void {
    line.heldTimer?.();
    line.heldTimer = this.timers.after(Math.max(LEAST_TIMER_MS, heldForMs), () => {
      line.heldTimer = null;
      this.notify(line.uid, WAKE_WHEN_FREED);
    });
  }

  private line(uid: string): Line {
    const known = this.lines.get(uid);
    if (known) return known;
    const line: Line = { uid, entries: new Set(), heldTimer: null };
    this.lines.set(uid, line);
    return line;
  }

  private remove(entry: Entry): void {
    const { line } = entry;
    this.count--;
    line.entries.delete(entry);
    if (line.entries.size > 0) return;
    line.heldTimer?.();
    this.lines.delete(line.uid);
  }
}
