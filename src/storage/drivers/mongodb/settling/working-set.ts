import { HoldState, lifeUnderClaim } from '../../../../domain/life.js';
import type { Millis } from '../../../../domain/time.js';
import type { Statement } from '../collection.js';
import { FREE, type MessageFacts } from '../documents.js';
import { expiryOf, holderOf } from '../show.js';

/** A message as it was read, and as the steps leave it; null once deleted. */
interface Worked {
  readonly read: MessageFacts;
  now: MessageFacts | null;
}

/**
 * The messages that some steps are about, as they were read at one time. The steps are carried out on it in their order;
 * what they come to is then written message by message, each only if it is still as it was read.
 */
export class WorkingSet {
  private readonly worked = new Map<string, Worked>();

  constructor(
    facts: readonly MessageFacts[],
    private readonly at: Millis,
  ) {
    for (const read of facts) this.worked.set(read._id, { read, now: read });
  }

  get(id: string): MessageFacts | null {
    return this.worked.get(id)?.now ?? null;
  }

  /** The claim that holds the message now; null when none does. */
  holder(id: string): string | null {
    const message = this.get(id);
    return message && holderOf(message, this.at);
  }

  /** The messages that the claim holds. */
  heldBy(claim: string): readonly MessageFacts[] {
    const present = [...this.worked.values()].flatMap(({ now }) => now ?? []);
    return present.filter((message) => holderOf(message, this.at) === claim);
  }

  /** False when there is nothing to delete. */
  delete(id: string): boolean {
    const worked = this.worked.get(id);
    if (!worked?.now) return false;
    worked.now = null;
    return true;
  }

  /** Lets a held message be held `ttl` seconds from now on (C6, grace). */
  renew(message: MessageFacts, ttl: number, grace: number): void {
    const { due } = message;
    const life = { ttl: message.ttl, expires: expiryOf(message), state: HoldState.CLAIMED, due };
    const { expires, ...longer } = lifeUnderClaim(life, this.at, ttl, grace);
    this.put({
      ...message,
      ttl: longer.ttl,
      due: longer.due,
      exp: new Date(expires * 1000),
      ct: ttl,
      cs: new Date(this.at),
    });
  }

  /** Lets go of a held message (C7). */
  release({ cl: _cl, ct: _ct, cs: _cs, ...message }: MessageFacts): void {
    this.put({ ...message, due: FREE });
  }

  /** What is to be written, one statement for each message that is no longer as it was read. */
  statements(): readonly Statement[] {
    return [...this.worked.values()].flatMap(({ read, now }) => (now === read ? [] : [statement(read, now)]));
  }

  /** Ids of the messages that are to be deleted. */
  deletions(): readonly string[] {
    return [...this.worked.values()].flatMap(({ read, now }) => (now === null ? [read._id] : []));
  }

  private put(message: MessageFacts): void {
    const worked = this.worked.get(message._id);
    if (worked) worked.now = message;
  }
}

/** Epoch and `due` say that no claim, renewal, release or sweep has been at the message since it was read. */
function statement({ _id, uid, ep, due }: MessageFacts, now: MessageFacts | null): Statement {
  const filter = { _id, uid, ep, due };
  if (now === null) return { kind: 'delete', filter };
  if (now.due === FREE)
    return { kind: 'update', filter, update: { $set: { due: FREE }, $unset: { cl: '', ct: '', cs: '' } } };
  const { ttl, exp, ct, cs } = now;
  return { kind: 'update', filter, update: { $set: { due: now.due, ttl, exp, ct, cs } } };
}
