import { MarconiError } from '../src/errors/marconi-error.js';
import type { Exchange } from './http/exchange.js';

/** The long polls under way, so that a drain can end them. */
export class Waits {
  readonly #waiting = new Set<Exchange>();
  #ended = false;

  /** Runs a call that may wait; `empty` is its answer when a drain ends the wait. */
  async hold<T>(exchange: Exchange, call: () => Promise<T>, empty: T): Promise<T> {
    if (this.#ended) return empty;
    this.#waiting.add(exchange);
    try {
      return await call();
    } catch (error) {
      if (this.#ended && error instanceof MarconiError && error.reason === 'CANCELLED') return empty;
      throw error;
    } finally {
      this.#waiting.delete(exchange);
    }
  }

  /** Ends all waits, now and from now on. */
  end(): void {
    this.#ended = true;
    for (const exchange of this.#waiting) exchange.abandon();
  }
}
