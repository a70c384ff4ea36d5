import type { Millis } from '../../../domain/time.js';
import type {
  Batch,
  ClaimFound,
  Gone,
  MessageOutcome,
  MessagePage,
  MessagePageQuery,
  MessageStore,
  MessagesById,
  OpenQueue,
  QueueRef,
  QueueStats,
  StorageObserver,
  SweepReport,
} from '../../ports/index.js';
import type { Reader } from './reader/reader.js';
import type { Lane } from './thread/lane.js';
import { traced } from './tracing.js';
import type { Writer } from './writer/writer.js';

/** The port over the writer's and the readers' lanes. */
export class SqliteMessageStore implements MessageStore {
  constructor(
    private readonly writer: Lane<Writer>,
    private readonly reader: Lane<Reader>,
    private readonly observer?: StorageObserver,
  ) {}

  apply(batch: Batch): Promise<readonly MessageOutcome[]> {
    const steps = batch.ops.length;
    return traced('apply', { steps }, async () => {
      const { outcomes, commitMs } = await this.writer.call('apply', batch);
      this.observer?.committed(steps, commitMs);
      return outcomes;
    });
  }

  sweep(now: Millis, budget: number): Promise<SweepReport> {
    return traced('sweep', { budget }, () => this.writer.call('sweep', now, budget));
  }

  list(query: MessagePageQuery): Promise<MessagePage | Gone> {
    return traced('list', { limit: query.limit }, () => this.reader.call('list', query));
  }

  getMany(queue: QueueRef, ids: readonly string[], maxBytes: number, now: Millis): Promise<MessagesById | Gone> {
    return traced('getMany', { ids: ids.length }, () => this.reader.call('getMany', queue, ids, maxBytes, now));
  }

  getClaim(
    queue: QueueRef,
    claim: string,
    maxBytes: number,
    now: Millis,
  ): Promise<ClaimFound | { readonly kind: 'unknown' } | Gone> {
    return traced('getClaim', {}, () => this.reader.call('getClaim', queue, claim, maxBytes, now));
  }

  stats(queue: QueueRef, now: Millis): Promise<QueueStats | Gone> {
    return traced('stats', {}, () => this.reader.call('stats', queue, now));
  }

  openQueues(after: string, limit: number): Promise<readonly OpenQueue[]> {
    return this.reader.call('openQueues', after, limit);
  }
}
