import type { History } from '../history.js';
import type { Sighting } from '../operations.js';
import type { QueueAccess } from './queue-access.js';
import { record } from './record.js';

/** The most pages that one listing of a whole queue takes. */
const MOST_PAGES = 1_000_000;

/** Follows a queue by its marker. */
export class Reader {
  constructor(
    private readonly queue: QueueAccess,
    private readonly history: History,
    readonly name: string,
    private readonly limit: number,
    /** The marker to go on after; empty for the start. */
    private after = '',
  ) {}

  /** One page; gives the number of messages on it. */
  async step(): Promise<number> {
    const { queue, name, limit } = this;
    const op = { kind: 'list', queue: queue.name, reader: name, limit, all: true } as const;
    const answer = await record(this.history, name, op, () => queue.list(this.after, limit));
    this.after = answer?.result.next ?? this.after;
    return answer?.result.messages.length ?? 0;
  }
}

/** Records what is stored at the end, when all clients have come to rest; the last step of every history. */
export async function recordEnd(queue: QueueAccess, history: History, limit: number): Promise<void> {
  await record(history, 'end', { kind: 'stored', queue: queue.name }, async () => {
    const messages: Sighting[] = [];
    for (let after = '', pages = 0; pages < MOST_PAGES; pages++) {
      const page = await queue.list(after, limit);
      if (page.messages.length === 0) break;
      messages.push(...page.messages);
      after = page.next;
    }
    return { messages };
  });
}
