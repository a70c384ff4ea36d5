import type { Context } from '@opentelemetry/api';
import type { MessageOp, MessageOutcome } from '../../storage/ports/index.js';

/** A step that waits for its commit. */
export interface WaitingStep {
  readonly op: MessageOp;
  /** Bytes of bodies that it brings in. */
  readonly bytes: number;
  /** The trace that it belongs to. */
  readonly trace: Context;
  readonly resolve: (outcome: MessageOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** Steps in order of arrival, bounded by number and bytes. */
export class WaitingLine {
  private steps: WaitingStep[] = [];
  private head = 0;
  private waitingBytes = 0;

  constructor(
    private readonly maxSteps: number,
    private readonly maxBytes: number,
  ) {}

  get length(): number {
    return this.steps.length - this.head;
  }

  get bytes(): number {
    return this.waitingBytes;
  }

  /** False, and nothing is taken in, when the line is full. A step larger than the whole line enters an empty one. */
  push(step: WaitingStep): boolean {
    const overBytes = this.waitingBytes + step.bytes > this.maxBytes && this.length > 0;
    if (this.length >= this.maxSteps || overBytes) return false;
    this.steps.push(step);
    this.waitingBytes += step.bytes;
    return true;
  }

  /** Moves steps from the front into `batch`, up to a number of steps and of bytes, and at least one into an empty batch. */
  moveInto(batch: WaitingStep[], maxSteps: number, maxBytes: number): void {
    let bytes = 0;
    while (this.head < this.steps.length && batch.length < maxSteps) {
      const step = this.steps[this.head] as WaitingStep;
      if (batch.length > 0 && bytes + step.bytes > maxBytes) break;
      bytes += step.bytes;
      this.waitingBytes -= step.bytes;
      batch.push(step);
      this.head++;
    }
    if (this.head === this.steps.length || this.head > 1024) {
      this.steps = this.steps.slice(this.head);
      this.head = 0;
    }
  }
}
