import { currentTick, type Millis } from '../../../src/domain/time.js';
import type { AckOutcome, StoredMessage } from '../../../src/storage/ports/index.js';
import type { MessageDoc } from '../../../src/storage/drivers/mongodb/documents.js';
import type { Write } from '../store/database.js';
import { promise } from './violation.js';

/**
 * Sees every write, and judges claims (P4): one live claim on a message at the most, epochs rise with each claim and
 * never else, life is never shortened, and what is handed out or acknowledged was the holder's.
 */
export class ClaimJudge {
  /** Who was handed which message at which epoch. */
  private readonly handed = new Map<string, string>();
  /** The claim under which a message was deleted; null for none. */
  private readonly deleted = new Map<string, string | null>();

  /** @param now the world's time, to which no core's is ahead */
  constructor(private readonly now: () => Millis) {}

  /** What was seen so far, as far as the future is judged by it. */
  state(): string {
    return `${[...this.handed].sort().join(';')}|${[...this.deleted].sort().join(';')}`;
  }

  /** A taker was handed messages under a claim. */
  claimed(claim: string, messages: readonly StoredMessage[]): void {
    for (const { id, epoch } of messages) {
      const holder = this.handed.get(`${id}@${epoch}`) ?? claim;
      promise(holder === claim, `${id} was handed to ${holder} and to ${claim} at epoch ${epoch}`);
      this.handed.set(`${id}@${epoch}`, claim);
    }
  }

  /** A holder was told what became of its acknowledgements. */
  acknowledged(claim: string, ids: readonly string[], outcomes: readonly AckOutcome[]): void {
    ids.forEach((id, index) => {
      if (outcomes[index] !== 'acknowledged') return;
      promise(this.deleted.has(id), `${id} is acknowledged and still there`);
      promise(this.deleted.get(id) === claim, `${claim} acknowledges ${id}, which ${this.deleted.get(id)} held`);
    });
  }

  watch({ name, before, after }: Write): void {
    if (name !== 'messages' || before === null) return;
    const was = before as unknown as MessageDoc;
    if (after === null) this.deleted.set(was._id, was.cl ?? null);
    else this.changed(was, after as unknown as MessageDoc);
  }

  private changed(was: MessageDoc, is: MessageDoc): void {
    const lives = was.cl !== undefined && was.due > currentTick(this.now());
    const isClaimed = is.cl !== undefined && is.cl !== was.cl;
    promise(!lives || !isClaimed, `${is.cl} takes ${is._id}, which ${was.cl} holds until ${was.due}`);
    promise(is.ep === was.ep + Number(isClaimed), `the epoch of ${is._id} goes from ${was.ep} to ${is.ep}`);
    promise(is.exp.getTime() >= was.exp.getTime(), `the life of ${is._id} is shortened`);
  }
}
