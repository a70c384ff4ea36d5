import type { Timers } from '../deps.js';

/** Why a follower goes on. */
export type WatchWake = 'tryAgain' | 'over' | 'silence';

/** One reader that wants to know of every change of its queue. Always ended by `leave`. */
export interface Watch {
  /** Parks until the queue has news, there was none for so long, or it is over. News since it last went on count. */
  park(silenceMs: number): Promise<WatchWake>;
  leave(): void;
}

interface Watcher {
  /** News came while it read. */
  stale: boolean;
  wake: ((wake: WatchWake) => void) | null;
}

/** Those who follow one queue: all are woken, once for whatever came while they read. */
export class Watchers {
  private readonly watchers = new Set<Watcher>();

  constructor(private readonly timers: Timers) {}

  get size(): number {
    return this.watchers.size;
  }

  /** Enters; `over` tells whether waiting has come to an end for everybody, `left` is called when it leaves. */
  enter(signal: AbortSignal | undefined, over: () => boolean, left: () => void): Watch {
    const watcher: Watcher = { stale: false, wake: null };
    this.watchers.add(watcher);
    const end = (): void => watcher.wake?.('over');
    signal?.addEventListener('abort', end, { once: true });
    return {
      park: (silenceMs) => {
        if (over() || signal?.aborted) return Promise.resolve('over');
        if (!watcher.stale) return this.park(watcher, silenceMs);
        watcher.stale = false;
        return Promise.resolve('tryAgain');
      },
      leave: () => {
        signal?.removeEventListener('abort', end);
        this.watchers.delete(watcher);
        left();
      },
    };
  }

  wakeAll(wake: WatchWake): void {
    for (const watcher of this.watchers) {
      if (watcher.wake === null) watcher.stale = true;
      else watcher.wake(wake);
    }
  }

  private park(watcher: Watcher, silenceMs: number): Promise<WatchWake> {
    return new Promise((resolve) => {
      const cancelTimer = this.timers.after(silenceMs, () => watcher.wake?.('silence'));
      watcher.wake = (wake) => {
        watcher.wake = null;
        cancelTimer();
        resolve(wake);
      };
    });
  }
}
