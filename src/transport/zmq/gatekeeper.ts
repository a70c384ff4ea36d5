import { RIGHTS, type AuthStrategy, type GrantedRight, type Identity } from '../../auth/index.js';
import type { ClientKey, ClientKeys, KeyPair } from '../../auth/curve/index.js';
import { Right } from '../../gen/marconi/v1/dispatch.js';
import type { SessionGranted, SessionOpen, SessionProof } from '../../gen/marconi/v1/envelope.js';
import { readBoundScope, type CallMetadata } from '../../tenancy/scope.js';
import { Challenges } from './challenges.js';
import { refused, type Session, type Sessions } from './session.js';

/** The keys of a router with CURVE. */
export interface CurveKeys {
  readonly server: KeyPair;
  readonly clients: ClientKeys;
}

/** What is needed to let clients in. */
export interface GatekeeperParts {
  readonly sessions: Sessions;
  readonly auth: AuthStrategy;
  /** Null: sessions are granted without a proof. */
  readonly curve: CurveKeys | null;
  readonly ttlSeconds: number;
  /** Milliseconds that only rise. */
  readonly now: () => number;
}

/** What the opening of a session is answered. */
export type Opening =
  | { readonly kind: 'challenge'; readonly challenge: ReturnType<Challenges['ask']> }
  | { readonly kind: 'granted'; readonly granted: SessionGranted };

const RIGHT: Readonly<Record<GrantedRight, Right>> = {
  read: Right.RIGHT_READ,
  post: Right.RIGHT_POST,
  consume: Right.RIGHT_CONSUME,
  manage: Right.RIGHT_MANAGE,
  operate: Right.RIGHT_OPERATE,
};

/** Who calls, for callers that proved a key. Throws PERMISSION_DENIED when the metadata names another project. */
export function identityOf(
  { project, rights }: Pick<ClientKey, 'project' | 'rights'>,
  metadata: CallMetadata,
): Identity {
  return { principal: { strategy: 'curve', roles: rights }, scope: readBoundScope(metadata, project) };
}

/**
 * Lets clients into the router: begins their sessions, and says of each envelope who sent it. Nothing rests on routing
 * ids or connections. What a key may do is looked up with every call, so that a key that is taken away is out at once.
 */
export class Gatekeeper {
  private readonly challenges: Challenges | null;

  constructor(private readonly parts: GatekeeperParts) {
    const { curve, now } = parts;
    this.challenges = curve === null ? null : new Challenges(curve.server, now);
  }

  /** Throws UNAUTHENTICATED for a key that is not known. */
  open({ publicKey }: SessionOpen): Opening {
    if (this.challenges === null) return { kind: 'granted', granted: this.grantOpen() };
    this.key(publicKey.toString('hex'), 'proof');
    return { kind: 'challenge', challenge: this.challenges.ask(publicKey) };
  }

  /** Throws UNAUTHENTICATED when nothing is proven. */
  prove({ challengeId, answer }: SessionProof): SessionGranted {
    if (this.challenges === null) throw refused('proof', 'No proof is asked for here.');
    const { publicKey, project, rights } = this.key(this.challenges.prove(challengeId, answer), 'proof');
    const { token } = this.parts.sessions.begin(publicKey, project);
    return {
      token,
      project: project ?? undefined,
      bound: true,
      rights: rights.map((right) => RIGHT[right]),
      ttl: this.ttl,
    };
  }

  /** Lets one envelope in, in its turn. Throws UNAUTHENTICATED. */
  enter(token: Uint8Array, sequence: bigint): Session {
    return this.parts.sessions.enter(token, sequence);
  }

  /** Who calls under a session. Throws UNAUTHENTICATED when its key was taken away, and what identity throws. */
  identify({ owner, project }: Session, metadata: CallMetadata): Identity {
    if (owner === '') return this.parts.auth.identify(metadata);
    const key = this.key(owner, 'session');
    if (key.project !== project) throw refused('session', 'The key is of another project now: begin another session.');
    return identityOf(key, metadata);
  }

  private key(publicKey: string, fault: 'session' | 'proof'): ClientKey {
    const key = this.parts.curve?.clients.find(publicKey);
    if (key === undefined) throw refused(fault, 'The key is not known here.');
    return key;
  }

  private grantOpen(): SessionGranted {
    const { token } = this.parts.sessions.begin('', null);
    return { token, project: undefined, bound: false, rights: RIGHTS.map((right) => RIGHT[right]), ttl: this.ttl };
  }

  private get ttl(): SessionGranted['ttl'] {
    return { seconds: BigInt(this.parts.ttlSeconds), nanos: 0 };
  }
}
