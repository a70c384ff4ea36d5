/** Between when answers count. */
export interface Timing {
  readonly warmMs: number;
  readonly runMs: number;
}

/** Keeps so many frames in flight: each answer sends the next. Counts the answers of the run, and waits for all. */
export class Window {
  /** Answers that have not come. */
  private awaited = 0;
  private total = 0;
  private counted = 0;
  private starts = 0;
  private ends = 0;
  private finish: () => void = () => undefined;

  constructor(
    private readonly inFlight: number,
    private readonly timing: Timing,
    private readonly send: () => void,
  ) {}

  /** Frames that were sent, once `run` has resolved all of them answered. */
  get sent(): number {
    return this.total;
  }

  /** Resolves with the answers a second when the last answer has come. */
  async run(): Promise<number> {
    const { warmMs, runMs } = this.timing;
    this.starts = performance.now() + warmMs;
    this.ends = this.starts + runMs;
    const finished = new Promise<void>((resolve) => (this.finish = resolve));
    for (let i = 0; i < this.inFlight; i++) this.next();
    await finished;
    return (this.counted * 1000) / runMs;
  }

  /** An answer has come. */
  answered(): void {
    this.awaited--;
    const now = performance.now();
    if (now >= this.starts && now <= this.ends) this.counted++;
    if (now <= this.ends) this.next();
    else if (this.awaited === 0) this.finish();
  }

  private next(): void {
    this.awaited++;
    this.total++;
    this.send();
  }
}
