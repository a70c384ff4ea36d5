import type { Project } from '../../domain/principal.js';
import { ageSeconds, type Millis } from '../../domain/time.js';
import type { Gone, QueueCursor, QueueRef, QueueStats, WholeQueue } from '../../storage/ports/index.js';

/** What can be counted. */
export interface Countable {
  readonly now: Millis;
  queues(after: QueueCursor | null, limit: number): Promise<readonly WholeQueue[]>;
  stats(queue: QueueRef): Promise<QueueStats | Gone>;
}

/** A queue's numbers. */
export interface QueueCount {
  /** Null: the global project. */
  readonly project: Project;
  readonly name: string;
  readonly messages: number;
  readonly claimed: number;
  /** Null when it has no messages. */
  readonly oldestSeconds: number | null;
}

/** A storage's numbers; each queue is counted at a moment of its own. */
export interface StorageCount {
  readonly projects: number;
  readonly queues: number;
  readonly messages: number;
  readonly claimed: number;
  readonly oldestSeconds: number | null;
  /** True when a queue could not be counted exactly. */
  readonly estimated: boolean;
  /** The queues with the most messages, largest first. */
  readonly largest: readonly QueueCount[];
}

/** Queues read in one go. */
const PAGE = 200;

/** Counts all queues, keeping the numbers of the `largest` ones. */
export async function countStorage(storage: Countable, largest: number): Promise<StorageCount> {
  const count = new Count(storage.now, largest);
  for (let after: WholeQueue | null = null; ;) {
    const page: readonly WholeQueue[] = await storage.queues(after, PAGE);
    for (const queue of page) count.add(queue, await storage.stats(queue.ref));
    const last = page.at(-1);
    if (last === undefined) return count.result;
    after = last;
  }
}

class Count {
  private readonly projects = new Set<Project>();
  private queues = 0;
  private messages = 0;
  private claimed = 0;
  private oldestSeconds: number | null = null;
  private estimated = false;
  private largest: QueueCount[] = [];

  constructor(
    private readonly now: Millis,
    private readonly most: number,
  ) {}

  /** A queue that was deleted meanwhile counts for nothing. */
  add({ project, name }: WholeQueue, stats: QueueStats | Gone): void {
    if (stats.kind === 'gone') return;
    const { total, claimed, oldest, estimated } = stats;
    const oldestSeconds = oldest && ageSeconds(oldest.postedAt, this.now);
    this.projects.add(project);
    this.queues += 1;
    this.messages += total;
    this.claimed += claimed;
    this.estimated ||= estimated;
    if (oldestSeconds !== null) this.oldestSeconds = Math.max(oldestSeconds, this.oldestSeconds ?? 0);
    this.keep({ project, name, messages: total, claimed, oldestSeconds });
  }

  get result(): StorageCount {
    const { projects, queues, messages, claimed, oldestSeconds, estimated, largest } = this;
    return { projects: projects.size, queues, messages, claimed, oldestSeconds, estimated, largest };
  }

  private keep(queue: QueueCount): void {
    const at = this.largest.findIndex(({ messages }) => messages < queue.messages);
    this.largest.splice(at < 0 ? this.largest.length : at, 0, queue);
    this.largest.length = Math.min(this.largest.length, this.most);
  }
}
