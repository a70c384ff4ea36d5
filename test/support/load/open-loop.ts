import { performance } from 'node:perf_hooks';

/** A load: calls begun at a fixed rate, whatever the answers do. */
export interface Load {
  /** Calls a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Calls that may be under way at once; one that would be more is not begun and counts as skipped. */
  readonly maxInFlight: number;
}

/** What one call came to: a name to count it under. */
export type CallOutcome = string;

/** What the load came to. */
export interface LoadResult {
  /** Calls by outcome; those not begun under "skipped". */
  readonly counts: Readonly<Record<CallOutcome, number>>;
  /** How long calls took by outcome, in milliseconds from the moment they were due. */
  readonly latencies: Readonly<Record<CallOutcome, readonly number[]>>;
  /** How long the load really took, until its last answer. */
  readonly seconds: number;
}

const STEP_MS = 5;

/**
 * Begins calls in small steps at the load's rate and waits for all answers. Open loop: a slow answer delays no other
 * call, and a late start counts into the latency (no coordinated omission).
 */
export function openLoop({ rate, seconds, maxInFlight }: Load, call: () => Promise<CallOutcome>): Promise<LoadResult> {
  const counts: Record<CallOutcome, number> = {};
  const latencies: Record<CallOutcome, number[]> = {};
  const total = Math.round(rate * seconds);
  const started = performance.now();
  let begun = 0;
  let inFlight = 0;

  const note = (outcome: CallOutcome, dueAt: number): void => {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    (latencies[outcome] ??= []).push(performance.now() - dueAt);
  };
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      if (begun === total && inFlight === 0) {
        resolve({ counts, latencies, seconds: (performance.now() - started) / 1000 });
      }
    };
    const begin = (dueAt: number): void => {
      if (inFlight >= maxInFlight) {
        counts.skipped = (counts.skipped ?? 0) + 1;
        return;
      }
      inFlight++;
      call()
        .then((outcome) => note(outcome, dueAt))
        .then(() => {
          inFlight--;
          finish();
        })
        .catch(reject);
    };
    const step = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate));
      for (; begun < due; begun++) begin(started + (begun / rate) * 1000);
      if (begun < total) setTimeout(step, STEP_MS);
      else finish();
    };
    step();
  });
}
