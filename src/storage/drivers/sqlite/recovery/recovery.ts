import type { Keeper } from '../keeper/keeper.js';
import type { Reader } from '../reader/reader.js';
import type { Lane } from '../thread/lane.js';
import type { SharedLane } from '../thread/shared-lane.js';
import type { Writer } from '../writer/writer.js';
import type { Alarm } from './alarm.js';
import type { Anchor } from './anchor.js';

/** The lanes of an open storage. */
export interface Lanes {
  readonly writer: Lane<Writer>;
  readonly reader: SharedLane<Reader>;
  readonly keeper: Lane<Keeper>;
}

/** Milliseconds between two looks at the alarm. */
const LOOK_MS = 20;

const LEAST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/**
 * Brings a storage back after the disk failed: closes every connection, lets the writer open anew and copy the whole WAL
 * into the database, and lowers the alarm (ADR 0005).
 *
 * A new connection of the writer alone would not do. When a sync fails, Linux counts what was to be written as clean and
 * never writes it; and a checkpoint beside a busy writer notes what it has copied before that is synced. A later
 * checkpoint would go on from there, reset the WAL, and leave holes in the database for the next power failure. Only when
 * no connection is left does SQLite forget how far it had copied. And the WAL is written over itself first: its beginning
 * alone, with what the failed sync left out missing, would turn newer pages of the database into older ones.
 */
export class Recovery {
  private readonly looks: NodeJS.Timeout;
  private attempt: Promise<void> | null = null;
  private failures = 0;
  private retryAt = -Infinity;

  constructor(
    private readonly lanes: Lanes,
    private readonly alarm: Alarm,
    private readonly anchor: Anchor,
    private readonly monotonic: () => number,
  ) {
    this.looks = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /**
   * Begins no more attempts and waits for the one under way. Gives what is to be done when every other connection is
   * closed: after an I/O error the anchor goes last.
   */
  async stop(): Promise<() => void> {
    clearInterval(this.looks);
    await this.attempt;
    if (!this.alarm.raised) this.anchor.letGo();
    return () => this.anchor.letGo();
  }

  private look(): void {
    if (!this.alarm.raised || this.attempt || this.monotonic() < this.retryAt) return;
    this.attempt = this.recover().finally(() => (this.attempt = null));
  }

  private async recover(): Promise<void> {
    const { writer, keeper, reader } = this.lanes;
    try {
      await Promise.all([writer.call('close'), keeper.call('close'), reader.callEach('close')]);
      this.anchor.letGo();
      await writer.call('comeBack');
      this.anchor.hold();
      this.failures = 0;
    } catch {
      // The writer keeps why, for health; the alarm is still raised.
      this.retryAt = this.monotonic() + Math.min(LEAST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
      this.failures = Math.min(this.failures + 1, 10);
    }
  }
}
