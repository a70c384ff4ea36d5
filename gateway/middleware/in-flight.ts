import { MarconiError } from '../../src/errors/marconi-error.js';
import { Problem } from '../http/problem.js';

/** Share of the places that one project may hold, so that none shuts the others out. */
const PROJECT_SHARE = 0.75;

/** Share of the places that requests may hold that bring work in: the rest stays free for those that take it out. */
const INTAKE_SHARE = 0.25;

/** Milliseconds for which no more is brought in once the core has refused it for load: it would refuse that too. */
const PAUSE_MS = 25;

/** Milliseconds after which a refused client is asked to come back. */
const RETRY_MS = 1_000;

/** The refusal of a request for which there is no place. */
export function tooManyRequests(): Problem {
  const origin = { reason: 'OVERLOADED', retryAfterMs: RETRY_MS } as const;
  return new Problem('unavailable', 'Too many requests are under way.', origin);
}

/** Requests under way of one kind, bounded in all and per project. */
class Places {
  #count = 0;
  readonly #byProject = new Map<string | null, number>();
  readonly #mostPerProject: number;

  constructor(private readonly most: number) {
    this.#mostPerProject = Math.max(1, Math.floor(most * PROJECT_SHARE));
  }

  hasPlace(project: string | null): boolean {
    return this.#count < this.most && (this.#byProject.get(project) ?? 0) < this.#mostPerProject;
  }

  /** Takes a place. Throws 503 (OVERLOADED) when there is none. */
  enter(project: string | null): void {
    if (!this.hasPlace(project)) throw tooManyRequests();
    this.#count++;
    this.#byProject.set(project, (this.#byProject.get(project) ?? 0) + 1);
  }

  /** Gives the place back. */
  leave(project: string | null): void {
    this.#count--;
    const own = this.#byProject.get(project) ?? 1;
    if (own > 1) this.#byProject.set(project, own - 1);
    else this.#byProject.delete(project);
  }

  /** Requests under way. */
  get size(): number {
    return this.#count;
  }
}

/**
 * Bounds the requests under way: all of them, and more tightly those that bring work in, so that under a flood of posts
 * claims and deletions still get through, and soon.
 */
export class InFlight {
  readonly #all: Places;
  readonly #intake: Places;
  #pausedUntil = 0;

  constructor(most: number) {
    this.#all = new Places(most);
    this.#intake = new Places(Math.max(1, Math.floor(most * INTAKE_SHARE)));
  }

  /** False when a request that brings work in would be refused now. */
  takesIntake(project: string | null): boolean {
    const paused = performance.now() < this.#pausedUntil;
    return !paused && this.#intake.hasPlace(project) && this.#all.hasPlace(project);
  }

  /** Runs a request in a place of its kind. Rejects with 503 (OVERLOADED) when there is none. */
  async run<T>(project: string | null, intake: boolean, request: () => Promise<T> | T): Promise<T> {
    const places = intake ? [this.#intake, this.#all] : [this.#all];
    const taken: Places[] = [];
    try {
      for (const kind of places) {
        kind.enter(project);
        taken.push(kind);
      }
      return await request();
    } catch (error) {
      if (intake && refusesAll(MarconiError.from(error))) this.#pausedUntil = performance.now() + PAUSE_MS;
      throw error;
    } finally {
      for (const kind of taken) kind.leave(project);
    }
  }

  /** Requests under way. */
  get size(): number {
    return this.#all.size;
  }
}

/** True for a refusal that posts to other queues would meet as well. */
function refusesAll({ reason, metadata }: MarconiError): boolean {
  return reason === 'OVERLOADED' && metadata['bound'] !== 'queue';
}
