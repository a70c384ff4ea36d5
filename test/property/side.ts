import type { Millis } from '../../src/domain/time.js';
import type {
  ClaimFound,
  Gone,
  MessageOp,
  MessageOutcome,
  MessagePage,
  MessagesById,
  QueueRef,
  QueueStats,
  Storage,
  StoredMessage,
} from '../../src/storage/ports/index.js';

/** Any answer of a message store. */
export type Answer =
  MessageOutcome | MessagePage | MessagesById | ClaimFound | { readonly kind: 'unknown' } | QueueStats | Gone;

/**
 * One of the two storages. Its answers are made comparable: markers become the number of the message in its queue, since
 * they need not be dense, and bodies become text.
 */
export class Side {
  private readonly ordinals = new Map<string, Map<number, number>>();
  private readonly markers = new Map<string, number[]>();

  constructor(readonly store: { readonly storage: Storage }) {}

  private get messages() {
    return this.store.storage.messages;
  }

  /** Applies the steps in one commit. */
  async apply(ops: readonly MessageOp[], now: Millis): Promise<unknown[]> {
    const outcomes = await this.messages.apply({ ops, now });
    return outcomes.map((outcome, index) => {
      const { queue } = ops[index]!;
      if (outcome.kind === 'posted' && 'duplicate' in outcome && !outcome.duplicate)
        for (let nth = 0; nth < outcome.count; nth++) this.learn(queue, outcome.first + nth);
      return this.comparable(queue, outcome);
    });
  }

  /** Asks something about a queue. */
  async ask(
    queue: QueueRef,
    question: (messages: Storage['messages'], side: Side) => Promise<Answer>,
  ): Promise<unknown> {
    return this.comparable(queue, await question(this.messages, this));
  }

  /** The marker of the n-th message of the queue; that of the last for a larger number, 0 for none. */
  marker({ uid }: QueueRef, nth: number): number {
    const markers = this.markers.get(uid) ?? [];
    return nth === 0 ? 0 : (markers[Math.min(nth, markers.length) - 1] ?? 0);
  }

  private learn({ uid }: QueueRef, marker: number): void {
    const markers = this.markers.get(uid) ?? [];
    if (marker <= (markers.at(-1) ?? 0)) throw new Error(`Marker ${marker} comes after ${markers.at(-1)}.`);
    this.markers.set(uid, markers);
    this.ordinals.set(uid, (this.ordinals.get(uid) ?? new Map<number, number>()).set(marker, markers.push(marker)));
  }

  private ordinal({ uid }: QueueRef, marker: number): number {
    const ordinal = this.ordinals.get(uid)?.get(marker);
    if (ordinal === undefined) throw new Error(`Marker ${marker} was never given.`);
    return ordinal;
  }

  private comparable(queue: QueueRef, answer: Answer): unknown {
    const messages = (of: readonly StoredMessage[]) =>
      of.map((message) => ({
        ...message,
        marker: this.ordinal(queue, message.marker),
        body: Buffer.from(message.body).toString('latin1'),
      }));
    return {
      ...answer,
      ...('first' in answer ? { first: this.ordinal(queue, answer.first) } : {}),
      ...('messages' in answer ? { messages: messages(answer.messages) } : {}),
      ...('claim' in answer ? { claim: { ...answer.claim, messages: messages(answer.claim.messages) } } : {}),
      ...('omitted' in answer ? { omitted: [...answer.omitted].sort() } : {}),
    };
  }
}
