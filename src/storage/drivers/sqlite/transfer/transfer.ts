import type { Marker } from '../../../../domain/marker.js';
import type { Millis } from '../../../../domain/time.js';
import type { QueueCursor, StoreClock, Transfer, WholeKey, WholeMessage, WholeQueue } from '../../../ports/index.js';
import type { Reader } from '../reader/reader.js';
import type { Lane } from '../thread/lane.js';
import { traced } from '../tracing.js';
import type { Writer } from '../writer/writer.js';
import type { CopyStep } from './write.js';

/** The port over the writer's and the readers' lanes. */
export class SqliteTransfer implements Transfer {
  constructor(
    private readonly writer: Lane<Writer>,
    private readonly reader: Lane<Reader>,
    private readonly clock: StoreClock,
  ) {}

  queues(after: QueueCursor | null, limit: number): Promise<readonly WholeQueue[]> {
    return traced('wholeQueues', { limit }, () => this.reader.call('wholeQueues', after, limit));
  }

  messages(uid: string, after: Marker, limit: number, maxBytes: number, now: Millis): Promise<readonly WholeMessage[]> {
    const page = { after, limit, maxBytes };
    return traced('wholeMessages', { limit }, () => this.reader.call('wholeMessages', uid, page, now));
  }

  keys(uid: string, after: WholeKey | null, limit: number, now: Millis): Promise<readonly WholeKey[]> {
    return traced('wholeKeys', { limit }, () => this.reader.call('wholeKeys', uid, after, limit, now));
  }

  async putQueue(queue: WholeQueue): Promise<void> {
    await this.write({ kind: 'putQueue', queue });
  }

  async putMessages(uid: string, messages: readonly WholeMessage[]): Promise<void> {
    await this.write({ kind: 'putMessages', uid, messages });
  }

  async putKeys(uid: string, keys: readonly WholeKey[]): Promise<void> {
    await this.write({ kind: 'putKeys', uid, keys });
  }

  nameQueue(queue: WholeQueue): Promise<boolean> {
    return this.write({ kind: 'nameQueue', queue });
  }

  private write(step: CopyStep): Promise<boolean> {
    return traced(step.kind, {}, () => this.writer.call('copy', step, this.clock.now()));
  }
}
