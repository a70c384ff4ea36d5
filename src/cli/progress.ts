import type { CopyProgress } from '../storage/copy/index.js';

/** Where progress is shown. */
export interface ProgressOutput {
  /** True for a terminal, whose line can be written anew. */
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Milliseconds between two states of a terminal's line. */
const TERMINAL_MS = 100;

const ANEW = '\r\x1b[K';

/** Shows how far a copy is: on a terminal one line, written anew; elsewhere a line now and then. */
export class ProgressLine {
  private readonly everyMs: number;
  private phase = '';
  private phaseBegan = 0;
  private shownAt = -Infinity;
  private open = false;

  /** `everyMs`: between two lines where there is no terminal; `monotonic` tells milliseconds. */
  constructor(
    private readonly output: ProgressOutput,
    everyMs: number,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.everyMs = output.isTTY ? TERMINAL_MS : everyMs;
  }

  /** Shows the state, unless the last one was shown a moment ago. */
  show(progress: CopyProgress): void {
    const now = this.monotonic();
    if (progress.phase !== this.phase) this.begin(progress.phase, now);
    if (now - this.shownAt < this.everyMs) return;
    this.shownAt = now;
    const text = progressText(progress, now - this.phaseBegan);
    this.output.write(this.output.isTTY ? `${ANEW}${text}` : `${text}\n`);
    this.open = this.output.isTTY === true;
  }

  /** Leaves the terminal's line as it is; what is written next stands on a new one. */
  end(): void {
    if (this.open) this.output.write('\n');
    this.open = false;
  }

  private begin(phase: string, now: number): void {
    this.end();
    this.phase = phase;
    this.phaseBegan = now;
    this.shownAt = this.output.isTTY ? -Infinity : now;
  }
}

function progressText(progress: CopyProgress, elapsedMs: number): string {
  const { phase, queuesDone, queues, messagesDone, messages, messagesFound } = progress;
  const rate = elapsedMs > 0 ? Math.round(((messagesDone - messagesFound) * 1000) / elapsedMs) : 0;
  return `${phase}: queues ${queuesDone}/${queues}, messages ${messagesDone}/${messages}, ${rate}/s`;
}
