import type {
  Capabilities,
  ControlStore,
  MessageStore,
  Storage,
  StorageHealth,
  StoreClock,
  Transfer,
} from '../../ports/index.js';
import type { Ownership } from './files/lock.js';
import type { Lanes, Recovery } from './recovery/recovery.js';

/** Milliseconds after which a storage that does not answer is called unavailable. */
const HEALTH_MS = 5_000;

/** An open SQLite storage. */
export class SqliteStorage implements Storage {
  readonly driver = 'sqlite';
  readonly capabilities: Capabilities = { commitScope: 'store', persistent: true, shared: false };
  readonly signals = null;

  constructor(
    readonly durability: 'fsync' | 'relaxed',
    readonly clock: StoreClock,
    readonly control: ControlStore,
    readonly messages: MessageStore,
    readonly transfer: Transfer,
    private readonly lanes: Lanes,
    private readonly recovery: Recovery,
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

  /** The writer goes last, so that its connection is the one that puts the WAL away; not after an I/O error. */
  async close(): Promise<void> {
    const { reader, keeper, writer } = this.lanes;
    const letGo = await this.recovery.stop();
    await Promise.all([reader.close(), keeper.close()]);
    await writer.close();
    letGo();
    this.ownership.release();
  }

  private async ask(): Promise<StorageHealth> {
    const [health] = await Promise.all([this.lanes.writer.call('health'), this.lanes.reader.call('ping')]);
    return health;
  }
}
