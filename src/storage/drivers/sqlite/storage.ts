import type {
  Capabilities,
  ControlStore,
  MessageStore,
  Storage,
  StorageHealth,
  StoreClock,
} from '../../ports/index.js';
import type { Ownership } from './files/lock.js';
import type { Keeper } from './keeper/keeper.js';
import type { Reader } from './reader/reader.js';
import type { Lane } from './thread/lane.js';
import type { Writer } from './writer/writer.js';

/** The lanes of an open storage. */
export interface Lanes {
  readonly writer: Lane<Writer>;
  readonly reader: Lane<Reader>;
  readonly keeper: Lane<Keeper>;
}

/** Milliseconds after which a storage that does not answer is called unavailable. */
const HEALTH_MS = 5_000;

/** An open SQLite storage. */
export class SqliteStorage implements Storage {
  readonly driver = 'sqlite';
  readonly capabilities: Capabilities = { commitScope: 'store', persistent: true, shared: false };

  constructor(
    readonly durability: 'fsync' | 'relaxed',
    readonly clock: StoreClock,
    readonly control: ControlStore,
    readonly messages: MessageStore,
    private readonly lanes: Lanes,
    private readonly ownership: Ownership,
  ) {}

  async health(): Promise<StorageHealth> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<StorageHealth>((resolve) => {
      const silent: StorageHealth = { state: 'unavailable', detail: `no answer within ${HEALTH_MS} ms` };
      timer = setTimeout(() => resolve(silent), HEALTH_MS);
    });
    try {
      return await Promise.race([this.ask(), late]);
    } catch (error) {
      return { state: 'unavailable', detail: (error as Error).message };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The writer goes last, so that its connection is the one that puts the WAL away. */
  async close(): Promise<void> {
    await Promise.all([this.lanes.reader.close(), this.lanes.keeper.close()]);
    await this.lanes.writer.close();
    this.ownership.release();
  }

  private async ask(): Promise<StorageHealth> {
    const [health] = await Promise.all([this.lanes.writer.call('health'), this.lanes.reader.call('ping')]);
    return health;
  }
}
