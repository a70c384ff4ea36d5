import { median } from '../support/samples.js';
import type { Verdict } from '../support/verdict.js';
import type { LoadName } from './client.js';
import type { LoadResult } from './order.js';

/** What is measured: the loads, and the driver alone. */
export type FigureName = LoadName | 'driver';

/** What a figure is called, and what it is held against. */
export interface Figure {
  readonly title: string;
  readonly bar?:
    | { readonly kind: 'share'; readonly of: FigureName; readonly least: number }
    | { readonly kind: 'rate'; readonly least: number }
    | { readonly kind: 'delay'; readonly p50: number; readonly p99: number };
}

const SHARE_OF_DRIVER = { kind: 'share', of: 'driver', least: 0.5 } as const;
const RATE = { kind: 'rate', least: 20_000 } as const;
const DELAY = { kind: 'delay', p50: 5, p99: 25 } as const;

/** In the order in which they are measured: each comes soon after what it is held against. */
export const FIGURES: Readonly<Record<FigureName, Figure>> = {
  unaryEcho: { title: 'gRPC unary echo, 64 in flight' },
  streamEcho: { title: 'gRPC stream echo, 64 in flight' },
  publish: {
    title: 'Publish, a message a frame, 64 in flight',
    bar: { kind: 'share', of: 'streamEcho', least: 0.4 },
  },
  dealerEcho: { title: 'DEALER/ROUTER echo, 64 in flight' },
  dealerPosts: { title: 'DEALER posts, 64 in flight', bar: { kind: 'share', of: 'dealerEcho', least: 0.4 } },
  driver: { title: 'SQLite driver alone, batches of 100' },
  publishInBatches: { title: 'Publish, batches of 100', bar: SHARE_OF_DRIVER },
  pullInBatches: { title: 'PULL intake, batches of 100 with receipts', bar: SHARE_OF_DRIVER },
  consume: { title: 'Consume, claims of 20, acknowledged', bar: RATE },
  push: { title: 'PUSH feed, deliveries of 20, acknowledged', bar: RATE },
  consumeDelay: { title: 'Publish to a waiting Consume, 500/s', bar: DELAY },
  pushDelay: { title: 'Publish to a waiting PUSH worker, 500/s', bar: DELAY },
};

/** What the rounds came to, by figure. */
export type Results = ReadonlyMap<FigureName, readonly LoadResult[]>;

/** Prints the medians of a figure, and judges them where there is a bar and what it is held against was measured. */
export function report(name: FigureName, results: Results, verdict: Verdict): void {
  const { title, bar } = FIGURES[name];
  if (bar?.kind === 'delay') {
    const [p50, p99] = [median(delays(name, results, 'p50')), median(delays(name, results, 'p99'))];
    const text = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (bar ${bar.p50} and ${bar.p99} ms)`;
    verdict.check(title, p50 <= bar.p50 && p99 <= bar.p99, text);
    return;
  }
  const rate = median(rates(name, results));
  const text = `${rate.toFixed(0)}/s`;
  if (bar?.kind === 'rate') verdict.check(title, rate >= bar.least, `${text} (bar ${bar.least}/s)`);
  else if (bar?.kind === 'share' && results.has(bar.of)) {
    const share = median(sharesOf(name, bar.of, results));
    const against = `${percent(share)} of ${FIGURES[bar.of].title} (bar ${percent(bar.least)})`;
    verdict.check(title, share >= bar.least, `${text}, ${against}`);
  } else console.log(`     ${title}: ${text}`);
}

/** Round by round, since both sides of one round met the same noise. */
function sharesOf(name: FigureName, base: FigureName, results: Results): number[] {
  const bases = rates(base, results);
  return rates(name, results).map((rate, round) => rate / (bases[round] ?? NaN));
}

function rates(name: FigureName, results: Results): number[] {
  return (results.get(name) ?? []).map((result) => ('perSecond' in result ? result.perSecond : NaN));
}

function delays(name: FigureName, results: Results, share: 'p50' | 'p99'): number[] {
  return (results.get(name) ?? []).map((result) => ('p50' in result ? result[share] : NaN));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
