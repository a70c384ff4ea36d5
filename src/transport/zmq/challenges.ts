import { randomBytes } from 'node:crypto';
import { isAnswer, makeChallenge, sharedKey, type Challenge, type KeyPair } from '../../auth/curve/index.js';
import { CHALLENGE_TTL_MS, MAX_CHALLENGES_PER_KEY } from './limits.js';
import { refused } from './session.js';

const ID_BYTES = 16;

interface Pending extends Challenge {
  readonly id: Buffer;
  readonly endsAt: number;
}

/** What the server has to do with one key. */
interface Owner {
  readonly shared: Uint8Array;
  /** The oldest first. */
  pending: Pending[];
}

/** Challenges that wait for their proof, a few for each key. */
export class Challenges {
  private readonly owners = new Map<string, Owner>();

  constructor(
    private readonly server: KeyPair,
    private readonly now: () => number,
  ) {}

  /** Asks for the proof of a key that is known: only such keys are remembered. @param publicKey 32 bytes */
  ask(publicKey: Buffer): Pick<Pending, 'id' | 'nonce' | 'box'> {
    const name = publicKey.toString('hex');
    const owner = this.owners.get(name) ?? { shared: sharedKey(this.server, publicKey), pending: [] };
    // The id begins with the key, so that a proof finds its owner.
    const id = Buffer.concat([publicKey, randomBytes(ID_BYTES)]);
    const pending = { id, ...makeChallenge(owner.shared), endsAt: this.now() + CHALLENGE_TTL_MS };
    owner.pending = [...owner.pending.slice(1 - MAX_CHALLENGES_PER_KEY), pending];
    this.owners.set(name, owner);
    return pending;
  }

  /** The key that an answer proves; the challenge is used up, whatever the answer. Throws UNAUTHENTICATED. */
  prove(id: Buffer, answer: Buffer): string {
    const name = id.subarray(0, -ID_BYTES).toString('hex');
    const owner = this.owners.get(name);
    const pending = owner?.pending.find((one) => one.id.equals(id));
    if (owner !== undefined) owner.pending = owner.pending.filter((one) => one !== pending);
    if (pending === undefined || pending.endsAt <= this.now() || !isAnswer(pending, answer)) {
      throw refused('proof', 'The proof is not the one that was asked for, or too late: begin again.');
    }
    return name;
  }
}
