import { AuthServiceService } from '../../src/gen/marconi/v1/auth.js';
import type { CoreClient } from '../core/client.js';
import type { Exchange } from '../http/exchange.js';
import { projectIsTooLong } from './project.js';

/** Answers that are kept at once. */
const MOST_KEPT = 1_000;

/**
 * Asks the core who calls, for requests that make no other call to it (unknown paths, home document, health); design
 * section 2. A yes is kept as long as the core says. Rejects as the core does.
 */
export class Authenticator {
  readonly #goodUntil = new Map<string, number>();

  constructor(
    private readonly core: CoreClient,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async check(exchange: Exchange): Promise<void> {
    // No queue is meant here, and only with a queue is a project's length looked at.
    if (projectIsTooLong(exchange)) exchange.project = null;
    const key = JSON.stringify([exchange.project, exchange.header('x-auth-token'), exchange.header('authorization')]);
    if ((this.#goodUntil.get(key) ?? 0) > this.now()) return;
    const { ttl } = await this.core.call(AuthServiceService.authenticate, {}, exchange);
    this.#keep(key, ttl === undefined ? 0 : Number(ttl.seconds) * 1000);
  }

  #keep(key: string, ttlMs: number): void {
    this.#goodUntil.delete(key);
    if (ttlMs <= 0) return;
    if (this.#goodUntil.size >= MOST_KEPT) this.#dropOldest();
    this.#goodUntil.set(key, this.now() + ttlMs);
  }

  #dropOldest(): void {
    for (const key of this.#goodUntil.keys()) {
      this.#goodUntil.delete(key);
      return;
    }
  }
}
