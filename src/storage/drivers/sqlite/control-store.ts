import type { Project } from '../../../domain/principal.js';
import type { Millis } from '../../../domain/time.js';
import type { ControlStore, QueueCreation, QueuePageQuery, QueueRecord, QueueRef } from '../../ports/index.js';
import type { Reader } from './reader/reader.js';
import type { Lane } from './thread/lane.js';
import { traced } from './tracing.js';
import type { Writer } from './writer/writer.js';

/** The port over the writer's and the readers' lanes. */
export class SqliteControlStore implements ControlStore {
  constructor(
    private readonly writer: Lane<Writer>,
    private readonly reader: Lane<Reader>,
  ) {}

  createQueue(project: Project, name: string, ref: QueueRef, now: Millis): Promise<QueueCreation> {
    return traced('createQueue', {}, () => this.writer.call('createQueue', project, name, ref, now));
  }

  findQueue(project: Project, name: string): Promise<QueueRecord | null> {
    return traced('findQueue', {}, () => this.reader.call('findQueue', project, name));
  }

  listQueues(query: QueuePageQuery): Promise<readonly QueueRecord[]> {
    return traced('listQueues', { limit: query.limit }, () => this.reader.call('listQueues', query));
  }

  setMetadata(project: Project, name: string, metadata: Uint8Array): Promise<boolean> {
    return traced('setMetadata', {}, () => this.writer.call('setMetadata', project, name, metadata));
  }

  deleteQueue(project: Project, name: string, uid: string): Promise<boolean> {
    return traced('deleteQueue', {}, () => this.writer.call('deleteQueue', project, name, uid));
  }

  async namedUids(uids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(await this.reader.call('namedUids', uids));
  }
}
