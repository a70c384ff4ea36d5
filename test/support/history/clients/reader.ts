import type { History } from '../history.js';
import type { Sighting } from '../operations.js';
import type { QueueAccess } from './queue-access.js';
import { record } from './record.js';

/** The most pages that one listing of a whole queue takes. */
const MOST_PAGES = 1_000_000;

/** Follows a queue by its marker. */
export class Reader {
  private after = '';

  constructor(
    private readonly queue: QueueAccess,
    private readonly history: History,
    readonly name: string,
    private readonly limit: number,
  ) {}

  /** One page; gives the number of messages on it. */
  async step(): Promise<number> {
    const { queue, name, limit } = this;
    const op = { kind: 'list', queue: queue.name, reader: name, limit, all: true } as const;
    let next = this.after;
    const answer = await record(this.history, name, op, async () => {
      const page = await queue.list(this.after, limit);
      next = page.next;
      return { messages: page.messages };
    });
    if (answer) this.after = next;
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
