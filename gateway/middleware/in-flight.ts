import { Problem } from '../http/problem.js';

/** Share of the places that one project may hold, so that none shuts the others out. */
const PROJECT_SHARE = 0.75;

/** Milliseconds after which a refused client is asked to come back. */
const RETRY_MS = 1_000;

/** Bounds the requests under way, in all and per project. */
export class InFlight {
  #count = 0;
  readonly #byProject = new Map<string | null, number>();
  readonly #mostPerProject: number;

  constructor(private readonly most: number) {
    this.#mostPerProject = Math.max(1, Math.floor(most * PROJECT_SHARE));
  }

  /** Takes a place. Throws 503 (OVERLOADED) when there is none. */
  enter(project: string | null): void {
    const own = this.#byProject.get(project) ?? 0;
    if (this.#count >= this.most || own >= this.#mostPerProject) {
      const origin = { reason: 'OVERLOADED', retryAfterMs: RETRY_MS } as const;
      throw new Problem('unavailable', 'Too many requests are under way.', origin);
    }
    this.#count++;
    this.#byProject.set(project, own + 1);
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
