import type {
  Capabilities,
  ControlStore,
  Durability,
  MessageStore,
  Signals,
  Storage,
  StorageHealth,
  Transfer,
} from '../../ports/index.js';
import type { MongoClock } from './clock.js';
import { detailOf } from './error-facts.js';
import { failure } from './errors.js';
import type { PoolFigures } from './pool-figures.js';

/** Milliseconds after which a database that does not answer is called unavailable. */
const HEALTH_MS = 5_000;

/** What an open storage is made of. */
export interface MongoParts {
  readonly clock: MongoClock;
  readonly control: ControlStore;
  readonly messages: MessageStore;
  readonly signals: Signals | null;
  readonly transfer: Transfer | null;
  readonly pool: () => PoolFigures;
  /** Reads what a majority has from the primary. */
  readonly ask: () => Promise<unknown>;
  /** Finishes what was begun and lets the connections go. */
  readonly end: () => Promise<void>;
}

/** An open MongoDB storage. */
export class MongoStorage implements Storage {
  readonly driver = 'mongodb';
  readonly capabilities: Capabilities = { commitScope: 'queue', persistent: true, shared: true };
  readonly durability: Durability = 'majority';
  readonly clock: MongoClock;
  readonly control: ControlStore;
  readonly messages: MessageStore;
  readonly signals: Signals | null;
  readonly transfer: Transfer | null;

  constructor(private readonly parts: MongoParts) {
    ({
      clock: this.clock,
      control: this.control,
      messages: this.messages,
      signals: this.signals,
      transfer: this.transfer,
    } = parts);
  }

  /** The client's connections now. */
  get pool(): PoolFigures {
    return this.parts.pool();
  }

  async health(): Promise<StorageHealth> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<StorageHealth>((resolve) => {
      timer = setTimeout(() => resolve(unavailable(`no answer within ${HEALTH_MS} ms`)), HEALTH_MS);
    });
    try {
      return await Promise.race([this.look(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    return this.parts.end();
  }

  private async look(): Promise<StorageHealth> {
    try {
      await this.parts.ask();
    } catch (error) {
      return unavailable(`${failure(error).message} (${detailOf(error)})`);
    }
    const trouble = this.clock.trouble();
    return trouble === null ? { state: 'ok', detail: '' } : unavailable(`no messages are handed out: ${trouble}`);
  }
}

function unavailable(detail: string): StorageHealth {
  return { state: 'unavailable', detail };
}
