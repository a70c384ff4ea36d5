import type { Marker } from '../domain/marker.js';
import type { QueueKit } from './queue-kit.js';

/** Pages of one read at the most. */
const MOST_PAGES = 1_000;

/** Follows a queue by the marker of the last message seen, as a subscriber does. */
export class MarkerReader {
  /** The ids met, in the order in which they were. */
  readonly seen: string[] = [];
  private marker: Marker = 0;

  /** @param limit messages of a page: a small one cuts posts in two */
  constructor(
    private readonly queue: QueueKit,
    private readonly limit: number,
  ) {}

  /** Goes on until nothing new is shown; rejects when a marker is not above the one before. */
  async read(): Promise<void> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const position = { kind: 'after', marker: this.marker } as const;
      const messages = await this.queue.list({ position, limit: this.limit, includeClaimed: true });
      if (messages.length === 0) return;
      for (const { id, marker } of messages) this.meet(id, marker);
    }
    throw new Error(`The queue shows more than ${MOST_PAGES} pages.`);
  }

  private meet(id: string, marker: Marker): void {
    if (marker <= this.marker) throw new Error(`${id} has marker ${marker} and was shown after ${this.marker}`);
    this.seen.push(id);
    this.marker = marker;
  }
}
