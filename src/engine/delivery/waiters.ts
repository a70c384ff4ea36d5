import type { Millis } from '../../domain/time.js';
import type { Signals, Unwatch } from '../../storage/ports/index.js';
import type { Cancel, RandomSource, Timers } from '../deps.js';
import { Lookout } from './lookout.js';
import { Watchers, type Watch } from './watchers.js';

/** Why a waiter goes on. */
export type Wake = 'tryAgain' | 'over';

/** When something that is held comes free, unless that is put off. */
export interface Freeing {
  /** On the store's clock. */
  readonly at: Millis;
  readonly inMs: number;
}

/** One caller that waits until its queue has something for it. Always ended by `leave`. */
export interface Waiter {
  /**
   * Parks until the queue has news, what is held comes free (null: nothing is held), or the wait is over.
   * News that came since the waiter last went on count: it does not park then.
   */
  park(freeing: Freeing | null): Promise<Wake>;
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

/** Who waits at one queue; the waiters in order of arrival. */
interface Line {
  readonly uid: string;
  readonly entries: Set<Entry>;
  /** Those who follow the queue without taking anything. */
  readonly watchers: Watchers;
  readonly unwatch: Unwatch | null;
  heldTimer: Cancel | null;
  /** What it runs for, on the store's clock. */
  heldUntil: Millis;
  /** Something came free, nobody knows how much, and not all of it may have found its waiter. */
  unmeasured: boolean;
}

/** What waiters are made of. */
export interface WaitersDeps {
  readonly timers: Timers;
  readonly random: RandomSource;
  /** News from other processes; null: there are none, or they tell nothing. */
  readonly signals: Signals | null;
  /** True when other processes may bring messages: waiters then look by themselves too, as a signal may be lost. */
  readonly shared: boolean;
}

/** A tick may be told a moment too early by a clock that is read elsewhere: no timer runs shorter. */
const LEAST_TIMER_MS = 50;

/**
 * How many waiters go on when held messages come free, or when another process has news: nobody knows of how many
 * messages; each waiter that is served in full wakes the next.
 */
const WAKE_SOME = 4;

/**
 * Callers that wait for messages, by queue. A post of n messages wakes at most n of them, first come first served; the
 * cost of a wake-up does not grow with the number that stays idle. Those who follow the queue are all woken, once for
 * whatever came while they read. On a storage that is shared each queue with waiters
 * is watched for news of other processes. As those are only hints, the first in line also looks by itself every few
 * seconds, whether there was news or not.
 */
export class Waiters {
  private readonly lines = new Map<string, Line>();
  private readonly timers: Timers;
  private readonly signals: Signals | null;
  private readonly lookout: Lookout | null;
  private count = 0;
  private watching = 0;
  private closed = false;

  constructor({ timers, random, signals, shared }: WaitersDeps) {
    this.timers = timers;
    this.signals = signals;
    this.lookout = shared ? new Lookout(timers, random, (uid) => this.notifySome(uid, 1)) : null;
  }

  get waiting(): number {
    return this.count;
  }

  /** Those who follow a queue. */
  get following(): number {
    return this.watching;
  }

  /**
   * Enters the queue's line. Called before the first try: the queue is watched by then, and no news between try and
   * parking is lost. `waitMs` null: until the signal is aborted.
   */
  enter(uid: string, waitMs: number | null, signal: AbortSignal | undefined): Waiter {
    const line = this.line(uid);
    const entry: Entry = { line, stale: false, woken: false, wake: null };
    line.entries.add(entry);
    this.count++;
    let over = false;
    const end = (): void => {
      over = true;
      entry.wake?.('over');
    };
    const cancelTimer = waitMs === null ? null : this.timers.after(waitMs, end);
    // A signal that is aborted already may be shared by many, and tells nothing any more.
    if (!signal?.aborted) signal?.addEventListener('abort', end, { once: true });
    return {
      park: (freeing) => {
        entry.woken = false;
        if (over || this.closed || signal?.aborted) return Promise.resolve('over');
        if (entry.stale) {
          entry.stale = false;
          return Promise.resolve('tryAgain');
        }
        // It found nothing.
        line.unmeasured = false;
        if (freeing !== null) this.wakeWhenFreed(line, freeing);
        return new Promise((resolve) => {
          entry.wake = (wake) => {
            entry.wake = null;
            resolve(wake);
          };
        });
      },
      leave: (served) => {
        cancelTimer?.();
        signal?.removeEventListener('abort', end);
        this.remove(entry);
        if (!served && (entry.woken || entry.stale)) this.handOn(uid);
      },
    };
  }

  /** Follows the queue from now on: no news between a reading that begins later and parking is lost. */
  follow(uid: string, signal: AbortSignal | undefined): Watch {
    const line = this.line(uid);
    this.watching++;
    return line.watchers.enter(
      signal,
      () => this.closed,
      () => {
        this.watching--;
        this.forgetIfEmpty(line);
      },
    );
  }

  /** There may be something for up to `messages` waiters of the queue, and for all who follow it. */
  notify(uid: string, messages: number): void {
    const line = this.lines.get(uid);
    if (line === undefined) return;
    line.watchers.wakeAll('tryAgain');
    wake(line, messages);
  }

  /**
   * One that took as much as it could may have left something. Of a post nothing is left for those in line: it has woken
   * one for each of its messages, and whoever came later has looked.
   */
  servedInFull(uid: string): void {
    const line = this.lines.get(uid);
    if (line?.unmeasured) wake(line, 1);
  }

  /** Messages were taken, until then at first: those who wait meanwhile may have them if nobody settles them. */
  taken(uid: string, freeing: Freeing): void {
    const line = this.lines.get(uid);
    if (line !== undefined && line.entries.size > 0) this.wakeWhenFreed(line, freeing);
  }

  /** One that took something left more than it could take: for the next in line, and no news to those who follow. */
  handOn(uid: string): void {
    const line = this.lines.get(uid);
    if (line !== undefined) wake(line, 1);
  }

  /** The incarnation is gone: whoever waits for it goes on, and finds that out. */
  end(uid: string): void {
    const line = this.lines.get(uid);
    if (line === undefined) return;
    this.forget(line);
    for (const entry of line.entries) {
      entry.stale = entry.wake === null;
      entry.wake?.('tryAgain');
    }
    line.watchers.wakeAll('tryAgain');
  }

  /** Ends every wait, now and from now on. */
  close(): void {
    this.closed = true;
    for (const line of this.lines.values()) {
      line.heldTimer?.();
      for (const entry of line.entries) entry.wake?.('over');
      line.watchers.wakeAll('over');
    }
  }

  /** There is something, of which nobody knows how much: each waiter that is served in full wakes the next. */
  private notifySome(uid: string, waiters: number): void {
    const line = this.lines.get(uid);
    if (line === undefined) return;
    line.unmeasured = true;
    this.notify(uid, waiters);
  }

  /** One timer for a line, for the first that comes free; whoever finds it put off sets it again. */
  private wakeWhenFreed(line: Line, { at, inMs }: Freeing): void {
    if (line.heldTimer !== null && line.heldUntil <= at) return;
    line.heldTimer?.();
    line.heldUntil = at;
    line.heldTimer = this.timers.after(Math.max(LEAST_TIMER_MS, inMs), () => {
      line.heldTimer = null;
      this.notifySome(line.uid, WAKE_SOME);
    });
  }

  private line(uid: string): Line {
    const known = this.lines.get(uid);
    if (known) return known;
    const unwatch = this.signals?.watch(uid, () => this.notifySome(uid, WAKE_SOME)) ?? null;
    const line: Line = {
      uid,
      entries: new Set(),
      watchers: new Watchers(this.timers),
      unwatch,
      heldTimer: null,
      heldUntil: 0,
      unmeasured: false,
    };
    this.lines.set(uid, line);
    this.lookout?.add(uid);
    return line;
  }

  private remove(entry: Entry): void {
    const { line } = entry;
    this.count--;
    line.entries.delete(entry);
    this.forgetIfEmpty(line);
  }

  private forgetIfEmpty(line: Line): void {
    const empty = line.entries.size === 0 && line.watchers.size === 0;
    if (empty && this.lines.get(line.uid) === line) this.forget(line);
  }

  private forget(line: Line): void {
    line.heldTimer?.();
    line.unwatch?.();
    this.lookout?.remove(line.uid);
    this.lines.delete(line.uid);
  }
}

/** Wakes so many that are parked, first come first served; those that try meanwhile learn that there was news. */
function wake({ entries }: Line, most: number): void {
  let left = most;
  for (const entry of entries) {
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
