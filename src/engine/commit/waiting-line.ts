import { Fifo } from './fifo.js';
import type { WaitingStep } from './waiting-step.js';

/** Steps in order of arrival. What enters is bounded by a `Room`. */
export class WaitingLine {
  private readonly steps = new Fifo<WaitingStep>();

  get length(): number {
    return this.steps.length;
  }

  push(step: WaitingStep): void {
    this.steps.push(step);
  }

  /** Moves steps from the front into `batch`, up to a number of steps and of bytes, and at least one into an empty batch. */
  moveInto(batch: WaitingStep[], maxSteps: number, maxBytes: number): void {
    let bytes = 0;
    for (let next = this.steps.first; next && batch.length < maxSteps; next = this.steps.first) {
      if (batch.length > 0 && bytes + next.bytes > maxBytes) return;
      bytes += next.bytes;
      batch.push(next);
      this.steps.shift();
    }
  }
}
