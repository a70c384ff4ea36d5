import type { Project } from '../../domain/principal.js';
import { MarconiError } from '../../errors/marconi-error.js';
import { MAX_PRODUCERS_PER_SESSION } from './limits.js';
import type { Session } from './session.js';

interface Subscriber {
  readonly to: Buffer;
  readonly session: Session;
}

/** Where the receipts of producers go: to the client that asked for them last. */
export class Receipts {
  private readonly subscribers = new Map<string, Subscriber>();

  /** @param send sends a frame to a client of the router */
  constructor(private readonly send: (to: Buffer, frame: Uint8Array) => void) {}

  /** From now on the receipts of a producer go to `to`, while the session lives. Throws OVERLOADED when it has too many. */
  subscribe(project: Project, producer: string, to: Buffer, session: Session): void {
    const key = keyOf(project, producer);
    if (session.producers.size >= MAX_PRODUCERS_PER_SESSION && !session.producers.has(key)) {
      throw new MarconiError(
        'OVERLOADED',
        `A session has the receipts of ${MAX_PRODUCERS_PER_SESSION} producers at most.`,
      );
    }
    this.subscribers.get(key)?.session.producers.delete(key);
    session.producers.add(key);
    this.subscribers.set(key, { to, session });
  }

  /** Sends a receipt; false when nobody asked for it. */
  deliver(project: Project, producer: string, frame: Uint8Array): boolean {
    const subscriber = this.subscribers.get(keyOf(project, producer));
    if (subscriber === undefined) return false;
    this.send(subscriber.to, frame);
    return true;
  }

  /** A session is over. */
  forget({ producers }: Session): void {
    for (const key of producers) this.subscribers.delete(key);
  }
}

const keyOf = (project: Project, producer: string): string => JSON.stringify([project, producer]);
