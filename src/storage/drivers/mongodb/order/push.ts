import type { Millis } from '../../../../domain/time.js';
import { MarconiError } from '../../../../errors/marconi-error.js';
import type { Filter, Update } from '../collection.js';
import type { Collections } from '../collections.js';
import type { HeadDoc, LogItem } from '../documents.js';
import { failureHalfWay, isRetryable } from '../errors.js';
import { pause, type Pause } from '../pause.js';
import type { Applier } from './apply.js';

/** Pushes that a log holds at the most; a fuller one is applied first by whoever comes. */
const MAX_LOG = 64;

/** Tries of one push: for answers that were lost, and for logs that were full. */
const TRIES = 5;

/** The log that took the posts, and the name of the push that brought them there. */
export interface Pushed {
  readonly head: HeadDoc;
  readonly push: string;
  /** Why an earlier try may have brought the posts in before: its answer was lost. Null when none did. */
  readonly doubt: unknown;
}

/** What pushing needs beside the heads. */
export interface PusherDeps {
  /** A name that no other push has. */
  readonly nonce: () => string;
  readonly pause?: Pause;
  readonly maxLog?: number;
}

/**
 * Makes the staged posts part of the queue, all of them at the log's end, or null when the queue is gone: the commit
 * point of a post (S2). Rejects with OVERLOADED when the log stays full, and as the store does when it is not known
 * whether the posts are in: after an answer was lost, neither a queue that is gone nor a full log tells that they are
 * not. Such a try is found in the log by its name; if it was applied and tidied since, the second one places nothing,
 * as no message is staged any more.
 */
export class Pusher {
  private readonly nonce: () => string;
  private readonly pause: Pause;
  private readonly maxLog: number;

  constructor(
    private readonly heads: Collections['heads'],
    private readonly applier: Applier,
    deps: PusherDeps,
  ) {
    ({ nonce: this.nonce, pause: this.pause = pause, maxLog: this.maxLog = MAX_LOG } = deps);
  }

  async push(uid: string, items: readonly LogItem[], now: Millis): Promise<Pushed | null> {
    const names: string[] = [];
    let doubt: unknown = null;
    for (let tries = 1; ; tries++) {
      const name = this.nonce();
      try {
        const head = await this.heads.findOneAndUpdate(this.room(uid, names), addition(name, items, now));
        if (head !== null) return { head, push: name, doubt };
      } catch (error) {
        if (tries === TRIES || !isRetryable(error)) throw doubt === null ? error : failureHalfWay(error);
        doubt = error;
        names.push(name);
        await this.pause(tries);
      }
      const known = await this.settle(uid, names);
      if (known === 'gone' && doubt === null) return null;
      if (known === 'gone') throw failureHalfWay(doubt);
      if (known !== 'absent') return { ...known, doubt };
      if (tries === TRIES) throw doubt === null ? full() : failureHalfWay(doubt);
    }
  }

  /** Looks why a push was refused, or whether one whose answer was lost arrived; makes room in a full log. */
  private async settle(uid: string, names: readonly string[]): Promise<Omit<Pushed, 'doubt'> | 'gone' | 'absent'> {
    const head = await this.heads.findOne({ _id: uid });
    if (head === null || head.gone) return 'gone';
    const mine = head.log.find(({ p }) => names.includes(p));
    if (mine) return { head, push: mine.p };
    if (head.log.length >= this.maxLog) {
      await this.applier.apply(uid, head, null);
      await this.applier.tidy(uid, head, null);
    }
    return 'absent';
  }

  /** A head that may take a push: not gone, with room in its log, and without an earlier try of the same posts. */
  private room(uid: string, names: readonly string[]): Filter {
    const filter = { _id: uid, gone: false, [`log.${this.maxLog - 1}`]: { $exists: false } };
    return names.length === 0 ? filter : { ...filter, 'log.p': { $nin: names } };
  }
}

function addition(p: string, g: readonly LogItem[], now: Millis): Update {
  const t = g.reduce((sum, { n }) => sum + n, 0);
  return { $inc: { next: t, v: 1 }, $push: { log: { p, t, g } }, $set: { at: now } };
}

function full(): MarconiError {
  return new MarconiError('OVERLOADED', 'The queue takes more posts than the storage can order; try again.', {
    retryAfterMs: 1_000,
    metadata: { bound: 'queue' },
  });
}
