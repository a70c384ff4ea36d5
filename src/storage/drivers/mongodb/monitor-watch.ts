import type { MongoClient } from 'mongodb';
import type { MongoTuning } from './options.js';

/** Milliseconds beyond what a monitor may be silent. */
const SLACK_MS = 1_000;

/** Looks within the longest silence that a monitor that goes on may keep. */
const LOOKS = 4;

/** Milliseconds between two tries to connect. */
const AGAIN_MS = 200;

/** Calls off what was planned. */
type Cancel = () => void;

/** What watching monitors takes from outside. */
export interface MonitorWatching {
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** Runs it once after so many milliseconds. */
  readonly after: (ms: number, run: () => void) => Cancel;
}

/** Milliseconds within which a monitor is heard of: a heartbeat begins, or a connection is made and greeted. */
export function longestSilence({ heartbeatMs, connectTimeoutMs }: MongoTuning): number {
  return Math.max(heartbeatMs, connectTimeoutMs) + connectTimeoutMs + SLACK_MS;
}

/**
 * Sees that the client's monitors go on, and has it connect anew when one does not. When all connections to a server
 * break at one moment, a heartbeat may be written to a socket that is destroyed and not yet closed (mongodb 7.9): its
 * monitor waits for ever, and the client never finds the server again.
 */
export class MonitorWatch {
  /** When each server's monitor was last heard of. */
  private readonly heard = new Map<string, number>();
  private cancel: Cancel | null = null;
  private looked: number;
  private reviving: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly client: Pick<MongoClient, 'on' | 'close' | 'connect'>,
    private readonly silenceMs: number,
    private readonly watching: MonitorWatching,
  ) {
    this.looked = watching.monotonic();
    const hear = ({ connectionId }: { readonly connectionId: string }): void => {
      this.heard.set(connectionId, watching.monotonic());
    };
    client
      .on('serverHeartbeatStarted', hear)
      .on('serverHeartbeatSucceeded', hear)
      .on('serverHeartbeatFailed', hear)
      .on('serverClosed', ({ address }) => this.heard.delete(address));
    this.plan();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.reviving;
  }

  private get lookMs(): number {
    return this.silenceMs / LOOKS;
  }

  private plan(): void {
    if (!this.stopped) this.cancel = this.watching.after(this.lookMs, () => this.look());
  }

  private look(): void {
    const now = this.watching.monotonic();
    const late = now - this.looked > 2 * this.lookMs;
    this.looked = now;
    // After a pause of the process what came meanwhile is still to be heard.
    if (late) for (const server of this.heard.keys()) this.heard.set(server, now);
    const silent = [...this.heard.values()].some((last) => now - last > this.silenceMs);
    if (!silent) return this.plan();
    this.reviving = this.revive().finally(() => {
      this.reviving = null;
      this.looked = this.watching.monotonic();
      this.plan();
    });
  }

  private async revive(): Promise<void> {
    await this.client.close().catch(() => undefined);
    this.heard.clear();
    while (!this.stopped && !(await this.connects())) {
      await new Promise<void>((resolve) => this.watching.after(AGAIN_MS, resolve));
    }
  }

  private connects(): Promise<boolean> {
    return this.client.connect().then(
      () => true,
      () => false,
    );
  }
}
