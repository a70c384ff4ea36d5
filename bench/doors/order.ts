/** What one process of load is to do, on its command line as JSON. */
export interface LoadOrder {
  /** The load, by its name in `loads`. */
  readonly load: string;
  /** Where the gRPC door listens, or its echo. */
  readonly grpc: string;
  /** Where the ROUTER listens, or its echo. */
  readonly router: string;
  readonly pull: string;
  readonly push: string;
  /** A queue that is there and empty. */
  readonly queue: string;
  readonly warmMs: number;
  readonly runMs: number;
  /** Messages that are posted before those who take them begin. */
  readonly backlog: number;
}

/** What one run came to: a rate, or how long messages were on their way. */
export type LoadResult =
  | { readonly perSecond: number }
  | {
      /** Milliseconds. */
      readonly p50: number;
      readonly p99: number;
    };

/** Frames or calls that await their answer at once. */
export const IN_FLIGHT = 64;

/** Messages of one batch, and batches that await their receipts at once: enough that the core always has the next. */
export const BATCH = 100;
export const BATCHES_IN_FLIGHT = 16;

/** Messages posted in a second while it is measured how long they take. */
export const PACE = 500;
