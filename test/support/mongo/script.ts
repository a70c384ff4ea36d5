import type { MessageOp } from '../../../src/storage/ports/index.js';
import { Kit } from '../../../src/conformance/kit.js';
import { QueueKit } from '../../../src/conformance/queue-kit.js';
import { freshRef } from '../../../src/conformance/fresh.js';
import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';
import { MongoMessageStore } from '../../../src/storage/drivers/mongodb/message-store.js';
import type { RecordedCommand } from './recorded-command.js';
import type { Watched } from './watched-storage.js';

/** What one operation sent, after its answer too. */
export interface Step {
  readonly name: string;
  /** True for what nobody waits for: it may ask all shards. */
  readonly background: boolean;
  readonly commands: readonly RecordedCommand[];
}

/** Runs operations one by one on a storage, and keeps what each of them sent. */
export class Script {
  readonly steps: Step[] = [];
  readonly kit: Kit;

  /** `collections` are the storage's, over a client of the same monitor: for steps of cores that crash. */
  constructor(
    private readonly watched: Watched,
    readonly collections: Collections,
  ) {
    this.kit = new Kit(watched.storage, false);
  }

  get storage(): Watched['storage'] {
    return this.watched.storage;
  }

  /** An operation that a caller waits for. */
  hot<T>(name: string, operation: () => Promise<T>): Promise<T> {
    return this.step(name, false, operation);
  }

  /** One of the engine's own, that looks at all queues. */
  background<T>(name: string, operation: () => Promise<T>): Promise<T> {
    return this.step(name, true, operation);
  }

  /** A queue that was opened. */
  async queue(): Promise<QueueKit> {
    const queue = new QueueKit(this.kit, freshRef());
    await this.hot('open', () => this.kit.apply({ kind: 'open', queue: queue.ref }));
    return queue;
  }

  /** Steps of another core, with something in the way of it. */
  elsewhere(collections: Collections, ...ops: readonly MessageOp[]) {
    return new MongoMessageStore(collections).apply({ ops, now: this.kit.now });
  }

  /** Steps of another core that comes to its end on the way. */
  async crashing(collections: Collections, ...ops: readonly MessageOp[]): Promise<void> {
    await this.elsewhere(collections, ...ops).then(
      () => Promise.reject(new Error('It did not crash.')),
      () => undefined,
    );
  }

  private async step<T>(name: string, background: boolean, operation: () => Promise<T>): Promise<T> {
    const { result, commands } = await this.watched.monitor.during(operation);
    this.steps.push({ name, background, commands });
    return result;
  }
}
