import { metrics, type Meter } from '@opentelemetry/api';

/** One queue's depth. */
export interface QueueFigures {
  /** null: the global project. */
  readonly project: string | null;
  readonly queue: string;
  readonly total: number;
  readonly claimed: number;
  readonly oldestAgeMs: number;
}

/** What the engine tells when it is asked; each is asked once a scrape. */
export interface EngineFigures {
  /** Steps and bytes that wait for a commit, commits under way, claims that wait for messages. */
  load(): {
    readonly waitingSteps: number;
    readonly waitingBytes: number;
    readonly commitsUnderWay: number;
    readonly waiters: number;
  };
  status(): Promise<{ readonly draining: boolean; readonly health: { readonly state: string } }>;
  /** The depths of the most recently used queues. */
  depths(): Promise<readonly QueueFigures[]>;
}

/** What the engine tells of its own accord. */
export interface EngineRecorder {
  /** A call was refused or failed in the engine, by reason. */
  refused(reason: string): void;
  /** One round of sweeping freed so many rows. */
  swept(rows: number): void;
  /** A background task failed and will be tried again. */
  troubled(task: string): void;
}

const STORAGE_STATES = ['ok', 'full', 'unavailable'];

/** The counters `marconi_refusals_total`, `marconi_swept_rows_total` and `marconi_background_failures_total`. */
export function engineRecorder(): EngineRecorder {
  const meter = metrics.getMeter('marconi');
  const refusals = meter.createCounter('marconi_refusals', {
    description: 'Calls that the engine refused or failed, by reason.',
  });
  const swept = meter.createCounter('marconi_swept_rows', { description: 'Rows that sweeping freed.' });
  const failures = meter.createCounter('marconi_background_failures', {
    description: 'Background work that failed and is tried again, by task.',
  });
  swept.add(0);
  return {
    refused: (reason) => refusals.add(1, { reason }),
    swept: (rows) => swept.add(rows),
    troubled: (task) => failures.add(1, { task }),
  };
}

/** The gauges of waiting work, drain, storage state and queue depth; read at each scrape. */
export function watchEngine(figures: EngineFigures): void {
  const meter = metrics.getMeter('marconi');
  watchLoad(meter, figures);
  watchStatus(meter, figures);
  watchDepths(meter, figures);
}

function watchLoad(meter: Meter, figures: EngineFigures): void {
  const steps = meter.createObservableGauge('marconi_waiting_steps', {
    description: 'Steps that wait for a commit.',
  });
  const bytes = meter.createObservableGauge('marconi_waiting_bytes', {
    description: 'Bytes of bodies that wait for a commit.',
  });
  const commits = meter.createObservableGauge('marconi_commits_under_way', {
    description: 'Commits that are under way.',
  });
  const claims = meter.createObservableGauge('marconi_waiting_claims', {
    description: 'Claims that wait for messages.',
  });
  meter.addBatchObservableCallback(
    (result) => {
      const load = figures.load();
      result.observe(steps, load.waitingSteps);
      result.observe(bytes, load.waitingBytes);
      result.observe(commits, load.commitsUnderWay);
      result.observe(claims, load.waiters);
    },
    [steps, bytes, commits, claims],
  );
}

function watchStatus(meter: Meter, figures: EngineFigures): void {
  const draining = meter.createObservableGauge('marconi_draining', {
    description: '1 while the node takes no new work.',
  });
  const storage = meter.createObservableGauge('marconi_storage_state', {
    description: '1 for the state that the storage is in: ok, full or unavailable.',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      const status = await figures.status();
      result.observe(draining, status.draining ? 1 : 0);
      for (const state of STORAGE_STATES) result.observe(storage, state === status.health.state ? 1 : 0, { state });
    },
    [draining, storage],
  );
}

function watchDepths(meter: Meter, figures: EngineFigures): void {
  const depth = meter.createObservableGauge('marconi_queue_messages', {
    description: 'Messages of a recently used queue, by state: free or claimed.',
  });
  const age = meter.createObservableGauge('marconi_queue_oldest_age_seconds', {
    description: 'Age of the oldest message of a recently used queue; 0 when it is empty.',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { project, queue, total, claimed, oldestAgeMs } of await figures.depths()) {
        const labels = { project: project ?? '', queue };
        result.observe(depth, total - claimed, { ...labels, state: 'free' });
        result.observe(depth, claimed, { ...labels, state: 'claimed' });
        result.observe(age, oldestAgeMs / 1000, labels);
      }
    },
    [depth, age],
  );
}
