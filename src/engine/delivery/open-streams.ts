/** The streams that the engine works for: a drain tells each and waits until all have ended. */
export class OpenStreams {
  private readonly open = new Set<() => void>();
  private idle: (() => void)[] = [];

  /** Enters a stream; what it gives back is to be called at its end, once or more. */
  enter(draining: () => void): () => void {
    const entry = (): void => draining();
    this.open.add(entry);
    return () => {
      if (!this.open.delete(entry) || this.open.size > 0) return;
      for (const resolve of this.idle.splice(0)) resolve();
    };
  }

  /** Tells each stream that the node drains; resolves when the last one has ended. */
  drain(): Promise<void> {
    for (const tell of [...this.open]) tell();
    return this.open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }
}
