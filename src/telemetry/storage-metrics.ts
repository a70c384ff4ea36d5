import { metrics } from '@opentelemetry/api';

/** Records of durable commits; a driver's `StorageObserver`. */
export interface CommitRecorder {
  /** One durable commit: how many steps shared it, and how many milliseconds it took, its sync included. */
  committed(steps: number, commitMs: number): void;
}

/** Upper bounds of the buckets of steps in a commit. */
const STEP_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
/** Upper bounds of the buckets of commit times, in seconds. */
const COMMIT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** The instruments `marconi_commit_steps` and `marconi_commit_duration_seconds`. */
export function commitRecorder(): CommitRecorder {
  const meter = metrics.getMeter('marconi');
  const steps = meter.createHistogram('marconi_commit_steps', {
    description: 'Steps that shared one durable commit.',
    advice: { explicitBucketBoundaries: STEP_BUCKETS },
  });
  const durations = meter.createHistogram('marconi_commit_duration_seconds', {
    description: 'Time of one durable commit, its sync included.',
    advice: { explicitBucketBoundaries: COMMIT_BUCKETS },
  });
  return {
    committed(count, commitMs) {
      steps.record(count);
      durations.record(commitMs / 1000);
    },
  };
}

/** Room and files of a storage on a file system, in bytes. */
export interface StorageRoom {
  readonly freeBytes: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
}

/** The gauges `marconi_storage_free_bytes`, `marconi_storage_database_bytes` and `marconi_storage_wal_bytes`. */
export function watchRoom(read: () => Promise<StorageRoom>): void {
  const meter = metrics.getMeter('marconi');
  const free = meter.createObservableGauge('marconi_storage_free_bytes', {
    description: 'Free bytes of the file system that holds the storage.',
  });
  const database = meter.createObservableGauge('marconi_storage_database_bytes', {
    description: 'Bytes of the database file.',
  });
  const wal = meter.createObservableGauge('marconi_storage_wal_bytes', {
    description: 'Bytes of the write-ahead log.',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      const room = await read();
      result.observe(free, room.freeBytes);
      result.observe(database, room.databaseBytes);
      result.observe(wal, room.walBytes);
    },
    [free, database, wal],
  );
}
