/** How many places of taken items are kept at the most before the list is cut. */
const MAX_TAKEN = 1024;

/** First in, first out, at a cost that does not grow with its length. */
export class Fifo<T> {
  private items: T[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  /** The one that is next to be taken; undefined when there is none. */
  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Takes the first one out; undefined when there is none. */
  shift(): T | undefined {
    const item = this.items[this.head];
    if (this.head < this.items.length) this.head++;
    if (this.head === this.items.length || this.head > MAX_TAKEN) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}
