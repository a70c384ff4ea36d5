import { randomBytes } from 'node:crypto';
import type { Project } from '../../domain/principal.js';
import { MarconiError } from '../../errors/marconi-error.js';
import { MAX_SESSIONS } from './limits.js';

const TOKEN_BYTES = 24;

/** One client's session. */
export interface Session {
  readonly token: Buffer;
  /** The client's public key, hexadecimal; empty where none is needed. */
  readonly owner: string;
  /** The project that it is bound to; null where it is bound to none, or to the global one. */
  readonly project: Project;
  /** The producers whose receipts it gets. */
  readonly producers: Set<string>;
  /** Its calls that are under way. */
  calls: number;
}

interface Kept extends Session {
  readonly id: string;
  readonly endsAt: number;
  /** The highest sequence so far. */
  last: bigint;
}

/** What the sessions of a router need. */
export interface SessionOptions {
  readonly ttlMs: number;
  /** Milliseconds that only rise. */
  readonly now: () => number;
  /** A session is over. */
  ended(session: Session): void;
}

/**
 * The sessions of one router. The token is all that names one: who has it may use it from any connection, in an order
 * that only rises.
 */
export class Sessions {
  private readonly sessions = new Map<string, Kept>();
  /** Ids of each owner's sessions, the oldest first. */
  private readonly owners = new Map<string, Set<string>>();

  constructor(private readonly options: SessionOptions) {}

  get size(): number {
    return this.sessions.size;
  }

  /** Begins a session; ends the owner's oldest when it has too many. */
  begin(owner: string, project: Project): Session {
    this.sweep();
    const token = randomBytes(TOKEN_BYTES);
    const id = idOf(token);
    const endsAt = this.options.now() + this.options.ttlMs;
    const session: Kept = { id, token, owner, project, producers: new Set(), calls: 0, endsAt, last: 0n };
    const own = this.owners.get(owner) ?? new Set();
    const most = owner === '' ? MAX_SESSIONS.open : MAX_SESSIONS.perKey;
    for (const oldest of own) {
      if (own.size < most) break;
      this.end(this.sessions.get(oldest) as Kept);
    }
    this.owners.set(owner, own.add(id));
    this.sessions.set(id, session);
    return session;
  }

  /**
   * Lets one envelope in. Throws UNAUTHENTICATED when there is no such session, and when the sequence does not rise:
   * then somebody sends again what was sent before.
   */
  enter(token: Uint8Array, sequence: bigint): Session {
    const session = this.sessions.get(idOf(token));
    if (session === undefined) throw refused('session', 'The session is not known, or over: begin another.');
    if (session.endsAt <= this.options.now()) {
      this.end(session);
      throw refused('session', 'The session is over: begin another.');
    }
    if (sequence <= session.last) throw refused('replay', 'The sequence does not rise within the session.');
    session.last = sequence;
    return session;
  }

  /** Ends what is over. All live as long as each other, so the oldest come first. */
  private sweep(): void {
    const now = this.options.now();
    for (const session of this.sessions.values()) {
      if (session.endsAt > now) return;
      this.end(session);
    }
  }

  private end(session: Kept): void {
    this.sessions.delete(session.id);
    const own = this.owners.get(session.owner);
    own?.delete(session.id);
    if (own?.size === 0) this.owners.delete(session.owner);
    this.options.ended(session);
  }
}

const idOf = (token: Uint8Array): string => Buffer.from(token).toString('latin1');

/** The fault tells programs, and the count of refusals, what of the credential is wrong. */
export function refused(fault: 'session' | 'replay' | 'proof', message: string): MarconiError {
  return new MarconiError('UNAUTHENTICATED', message, { metadata: { fault } });
}
