/** What is remembered of the queues that were used last; the least recently used are forgotten. */
export class Recent<T> {
  private readonly kept = new Map<string, T>();

  constructor(private readonly max: number) {}

  get(uid: string): T | undefined {
    const value = this.kept.get(uid);
    if (value !== undefined) this.set(uid, value);
    return value;
  }

  set(uid: string, value: T): void {
    this.kept.delete(uid);
    this.kept.set(uid, value);
    if (this.kept.size <= this.max) return;
    const oldest = this.kept.keys().next();
    if (!oldest.done) this.kept.delete(oldest.value);
  }

  delete(uid: string): void {
    this.kept.delete(uid);
  }

  /** From the least to the most recently used. */
  entries(): IterableIterator<[string, T]> {
    return this.kept.entries();
  }
}
