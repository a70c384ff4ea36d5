/** Sets room aside for those who ask for it, first come first served. */
export class Turns {
  private readonly waiting: ((room: number) => void)[] = [];
  private closed = false;

  /** @param reserve sets room aside and tells how much; 0: there is none now */
  constructor(private readonly reserve: () => number) {}

  /** True while somebody waits. */
  get wanted(): boolean {
    return this.waiting.length > 0;
  }

  /** Room, when it is the caller's turn; 0 once all is over. */
  take(): Promise<number> {
    const room = this.tryTake();
    if (room > 0 || this.closed) return Promise.resolve(room);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Room at once, or 0: there is none, or others come first. */
  tryTake(): number {
    return this.closed || this.wanted ? 0 : this.reserve();
  }

  /** There may be room again. */
  serve(): void {
    while (this.wanted) {
      const room = this.reserve();
      if (room === 0) return;
      this.waiting.shift()?.(room);
    }
  }

  /** Nobody gets anything any more. */
  close(): void {
    this.closed = true;
    for (const resolve of this.waiting.splice(0)) resolve(0);
  }
}
