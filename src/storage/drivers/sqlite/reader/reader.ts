import { isClaimed } from '../../../../domain/life.js';
import { formatMessageId } from '../../../../domain/message-id.js';
import type { Project } from '../../../../domain/principal.js';
import { currentTick, type Millis } from '../../../../domain/time.js';
import type {
  ClaimFound,
  Gone,
  MessagePage,
  MessagePageQuery,
  MessagesById,
  OpenQueue,
  QueueCursor,
  QueuePageQuery,
  QueueRecord,
  QueueRef,
  QueueStats,
  StatsMoment,
  WholeKey,
  WholeMessage,
  WholeQueue,
} from '../../../ports/index.js';
import { claimMembers } from '../tables/claims.js';
import type { HeadRow } from '../tables/heads.js';
import type { Tables } from '../tables/index.js';
import type { MessageRow } from '../tables/messages.js';
import { TickKind } from '../tables/ticks.js';
import { wholeMessages, wholeQueues, type WholePage } from '../transfer/read.js';
import { ends, pageOf, shown, visibleRow } from './pages.js';
import type { Snapshots } from './snapshots.js';

const GONE: Gone = { kind: 'gone' };

/** All that reads the database, each answer of one committed moment. Synchronous: threads of their own run it. */
export class Reader {
  constructor(private readonly snapshots: Snapshots) {}

  /** As `MessageStore.list`. */
  list(query: MessagePageQuery): MessagePage | Gone {
    return this.inQueue(query.queue, (tables, { q }) => ({ kind: 'page', messages: pageOf(tables, q, query) }));
  }

  /** As `MessageStore.getMany`. */
  getMany(queue: QueueRef, ids: readonly string[], maxBytes: number, now: Millis): MessagesById | Gone {
    return this.inQueue(queue, (tables, { q }) => {
      const rows = [...new Set(ids)].flatMap((id) => visibleRow(tables, q, id, currentTick(now)) ?? []);
      return { kind: 'found', ...shown(tables, inOrder(rows), maxBytes) };
    });
  }

  /** As `MessageStore.getClaim`. */
  getClaim(
    queue: QueueRef,
    id: string,
    maxBytes: number,
    now: Millis,
  ): ClaimFound | { readonly kind: 'unknown' } | Gone {
    return this.inQueue(queue, (tables, { q }) => {
      const claim = tables.claims.live(q, id, currentTick(now));
      if (!claim) return { kind: 'unknown' };
      const rows = claimMembers(claim).flatMap((k) => tables.messages.at(q, k) ?? []);
      const held = rows.filter((row) => row.claim === id && isClaimed(row, now));
      const { messages, omitted } = shown(tables, inOrder(held), maxBytes);
      const { ttl, since, ends } = claim;
      return { kind: 'claim', claim: { id, ttl, since, ends, messages }, omitted };
    });
  }

  /** As `MessageStore.stats`: exact. */
  stats(queue: QueueRef, now: Millis): QueueStats | Gone {
    return this.inQueue(queue, (tables, { q, total, held, next }) => {
      const tick = currentTick(now);
      const [oldest, newest] = ends(tables, q, next, now).map(moment);
      return {
        kind: 'stats',
        total: total - tables.ticks.due(q, TickKind.EXPIRES, tick),
        claimed: held - tables.ticks.due(q, TickKind.HELD, tick),
        oldest: oldest ?? null,
        newest: newest ?? null,
        estimated: false,
      };
    });
  }

  /** As `MessageStore.openQueues`. */
  openQueues(after: string, limit: number): readonly OpenQueue[] {
    return this.snapshots.read(({ heads }) => heads.openAfter(after, limit));
  }

  /** As `ControlStore.findQueue`. */
  findQueue(project: Project, name: string): QueueRecord | null {
    return this.snapshots.read(({ queues }) => queues.find(project, name));
  }

  /** As `ControlStore.listQueues`. */
  listQueues(query: QueuePageQuery): readonly QueueRecord[] {
    return this.snapshots.read(({ queues }) => queues.list(query));
  }

  /** As `ControlStore.namedUids`, as a list. */
  namedUids(uids: readonly string[]): readonly string[] {
    return this.snapshots.read(({ queues }) => queues.named(uids));
  }

  /** As `Transfer.queues`. */
  wholeQueues(after: QueueCursor | null, limit: number): readonly WholeQueue[] {
    return this.snapshots.read((tables) => wholeQueues(tables, after, limit));
  }

  /** As `Transfer.messages`. */
  wholeMessages(uid: string, page: WholePage, now: Millis): readonly WholeMessage[] {
    const read = (tables: Tables, { q }: HeadRow) => wholeMessages(tables, q, page, currentTick(now));
    return orNothing(this.inQueue({ uid }, read));
  }

  /** As `Transfer.keys`. */
  wholeKeys(uid: string, after: WholeKey | null, limit: number, now: Millis): readonly WholeKey[] {
    const from = after ?? { producer: '', sequence: '' };
    const read = ({ whole }: Tables, { q }: HeadRow) => whole.keys(q, from, currentTick(now), limit);
    return orNothing(this.inQueue({ uid }, read));
  }

  /** Reads from the database; throws STORAGE_UNAVAILABLE when that fails. */
  ping(): Millis {
    return this.snapshots.read(({ meta }) => meta.clock);
  }

  close(): void {
    this.snapshots.close();
  }

  private inQueue<T>({ uid }: Pick<QueueRef, 'uid'>, read: (tables: Tables, head: HeadRow) => T): T | Gone {
    return this.snapshots.read((tables) => {
      const head = tables.heads.find(uid);
      return head && head.fenced === null ? read(tables, head) : GONE;
    });
  }
}

function orNothing<T>(found: readonly T[] | Gone): readonly T[] {
  return 'kind' in found ? [] : found;
}

function inOrder(rows: readonly MessageRow[]): readonly MessageRow[] {
  return [...rows].sort((a, b) => a.k - b.k);
}

function moment(row: MessageRow | undefined): StatsMoment | null {
  return row ? { id: formatMessageId(row.batch, row.idx), postedAt: row.postedAt } : null;
}
