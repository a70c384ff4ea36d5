import { median, quantile } from '../support/samples.js';
import type { Verdict } from '../support/verdict.js';
import { noTimings, type Timings } from './operations.js';

/** The bars of P6: large against small, by median and by the 99th percentile. */
const MEDIAN_BAR = 1.5;
const P99_BAR = 3;

/** What both sides of a comparison took, in one of several runs. */
export interface Pair {
  readonly small: Timings;
  readonly large: Timings;
}

/** A run that has not begun. */
export function noPair(): Pair {
  return { small: noTimings(), large: noTimings() };
}

/** Judges the medians over the runs of both ratios, call by call. */
export function judge(name: string, runs: readonly Pair[], verdict: Verdict): void {
  for (const call of Object.keys(noTimings()) as (keyof Timings)[]) {
    const over = (share: number, side: keyof Pair): number[] => runs.map((run) => quantile(run[side][call], share));
    const ratio = (share: number): number =>
      median(runs.map((run) => quantile(run.large[call], share) / quantile(run.small[call], share)));
    const [middle, tail] = [ratio(0.5), ratio(0.99)];
    const ms = (share: number): string =>
      `${median(over(share, 'small')).toFixed(2)} -> ${median(over(share, 'large')).toFixed(2)} ms`;
    verdict.check(
      `${name}, ${call}`,
      middle <= MEDIAN_BAR && tail <= P99_BAR,
      `median x ${middle.toFixed(2)} (${ms(0.5)}), p99 x ${tail.toFixed(2)} (${ms(0.99)})`,
    );
  }
}
