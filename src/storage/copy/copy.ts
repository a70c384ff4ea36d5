import type { WholeQueue } from '../ports/index.js';
import { copyQueue, totalOf } from './copy-queue.js';
import type { Endpoint } from './endpoint.js';
import { queuePages } from './pages.js';
import { survey, type Survey } from './survey.js';
import { verifyCopy, type Verification } from './verify.js';

/** How far a copy is. */
export interface CopyProgress {
  readonly phase: 'copying' | 'verifying';
  readonly queues: number;
  readonly queuesDone: number;
  /** Messages to be copied; while verifying: to be read, on both sides. */
  readonly messages: number;
  readonly messagesDone: number;
  /** Those of them that earlier runs had stored. */
  readonly messagesFound: number;
}

/** What a copy came to. */
export interface CopyReport extends Verification {
  /** Messages that this run stored. */
  readonly copied: number;
  /** Messages that earlier runs had stored. */
  readonly found: number;
}

type OnProgress = (progress: CopyProgress) => void;

/**
 * Copies all queues of all projects into another storage, then compares both. What an earlier run has stored is left as
 * it is. Rejects with CopyRefused when names belong to other queues of the target; nothing is written then.
 */
export async function copyStorage(source: Endpoint, target: Endpoint, onProgress: OnProgress): Promise<CopyReport> {
  const run = new CopyRun(source, target, await survey(source, target), onProgress);
  await run.copy();
  return run.verify();
}

class CopyRun {
  private queuesDone = 0;
  private copied = 0;
  private found = 0;

  constructor(
    private readonly source: Endpoint,
    private readonly target: Endpoint,
    private readonly whole: Survey,
    private readonly onProgress: OnProgress,
  ) {}

  async copy(): Promise<void> {
    for await (const page of queuePages(this.source.transfer)) {
      const done = await this.target.control.namedUids(page.map(({ ref }) => ref.uid));
      for (const queue of page) await this.copyOne(queue, done.has(queue.ref.uid));
    }
  }

  async verify(): Promise<CopyReport> {
    const { copied, found, queuesDone } = this;
    const { queues, messages } = this.whole;
    let read = 0;
    const verification = await verifyCopy(this.source, this.target, (count) => {
      read += count;
      const both = { messages: messages * 2, messagesDone: read, messagesFound: 0 };
      this.onProgress({ phase: 'verifying', queues, queuesDone, ...both });
    });
    return { ...verification, copied, found };
  }

  /** A queue that has its name is whole: it got that last. */
  private async copyOne(queue: WholeQueue, named: boolean): Promise<void> {
    if (named) this.found += await totalOf(this.source, this.target, queue);
    else await copyQueue(this.source, this.target, queue, this);
    this.queuesDone += 1;
    this.tell();
  }

  /** Messages that an earlier run had stored. */
  onFound(messages: number): void {
    this.found += messages;
  }

  /** Messages that were stored now. */
  onCopied(messages: number): void {
    this.copied += messages;
    this.tell();
  }

  private tell(): void {
    const { queuesDone, found } = this;
    const messagesDone = this.copied + found;
    this.onProgress({ phase: 'copying', ...this.whole, queuesDone, messagesDone, messagesFound: found });
  }
}
