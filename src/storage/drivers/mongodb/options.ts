import type { CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent } from 'mongodb';
import type { StorageObserver } from '../../ports/index.js';

/** How connections are kept and how long is waited for what. All times in milliseconds. */
export interface MongoTuning {
  /** Connections to one server at the most: as many commands run at once, the rest wait. */
  readonly maxPoolSize: number;
  /** One command, from sending it to its answer; half of it for a majority to confirm a write. */
  readonly timeoutMs: number;
  /** Making a connection, and one heartbeat. */
  readonly connectTimeoutMs: number;
  /** Looking for a primary. */
  readonly serverSelectionTimeoutMs: number;
  /** Waiting for a free connection. */
  readonly waitQueueTimeoutMs: number;
  /** Between two heartbeats to each server. */
  readonly heartbeatMs: number;
}

/** The reasons stand in `src/config/mongodb-options.ts`, which has the same values. */
export const DEFAULT_TUNING: MongoTuning = {
  maxPoolSize: 64,
  timeoutMs: 10_000,
  connectTimeoutMs: 2_000,
  serverSelectionTimeoutMs: 5_000,
  waitQueueTimeoutMs: 5_000,
  heartbeatMs: 2_000,
};

/** Hears every command, for tests that hold the driver to what it sends; costs time on every reply. */
export interface CommandListener {
  readonly started?: (event: CommandStartedEvent) => void;
  readonly succeeded?: (event: CommandSucceededEvent) => void;
  readonly failed?: (event: CommandFailedEvent) => void;
}

/** How a MongoDB storage is opened. */
export interface MongoOptions extends Partial<MongoTuning> {
  /** `mongodb://…` or `mongodb+srv://…`: where the servers are, who we are, TLS. What else it sets is refused. */
  readonly uri: string;
  readonly database: string;
  readonly observer?: StorageObserver;
  readonly commands?: CommandListener;
}
