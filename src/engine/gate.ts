import { MarconiError } from '../errors/marconi-error.js';

/** When to try again elsewhere, once a node drains. */
const DRAINING_RETRY_AFTER_MS = 1_000;

/** Lets new work in until the node drains. */
export class Gate {
  private open = true;

  get draining(): boolean {
    return !this.open;
  }

  close(): void {
    this.open = false;
  }

  /** Throws DRAINING once the node drains. */
  assertOpen(): void {
    if (this.open) return;
    throw new MarconiError('DRAINING', 'The node is shutting down and takes no new work.', {
      retryAfterMs: DRAINING_RETRY_AFTER_MS,
    });
  }
}
