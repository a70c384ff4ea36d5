import type { Facts } from './facts.js';
import type { PlannedCase } from './plan.js';

/** Names the form of the report, for programs that read it; a change that they would notice gets a new number. */
export const REPORT_FORMAT = 'marconi-conformance/1';

/** What became of one case in one round. */
export interface CaseResult {
  readonly planned: PlannedCase;
  readonly outcome: 'passed' | 'failed' | 'excepted' | 'notApplicable';
  /** Why it failed, also when excepted; empty when it passed or was not run. */
  readonly message: string;
  /** Why it may fail; empty when it may not. */
  readonly reason: string;
}

/** Cases, each counted once for every round. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly excepted: number;
  readonly notApplicable: number;
}

/** What became of an area. */
export interface AreaReport extends Totals {
  readonly name: string;
  readonly verdict: 'pass' | 'fail' | 'notApplicable' | 'notRun';
  /** What the storage lacks for it; empty when it was run. */
  readonly lacks: string;
}

/** A case that failed. */
export interface FailureReport {
  readonly case: string;
  /** The rounds in which it did; empty for a case that is run once. */
  readonly rounds: readonly string[];
  /** Of the first failure. */
  readonly message: string;
}

/** A case that may fail. */
export interface ExceptionReport extends FailureReport {
  readonly reason: string;
  /** False when it passed in every round: the exception can go. */
  readonly fails: boolean;
}

/** What a driver is, and whether it keeps the promises of the ports: for people, and for a list of drivers. */
export interface ConformanceReport extends Facts {
  readonly format: typeof REPORT_FORMAT;
  /** The version of Marconi whose suite was run. */
  readonly marconi: string;
  readonly node: string;
  /** When the run ended, in ISO 8601. */
  readonly date: string;
  /** True when every case was run, and none failed but the exceptions. */
  readonly compatible: boolean;
  /** False when only some areas were asked for, or the run stopped at a failure. */
  readonly complete: boolean;
  readonly totals: Totals;
  readonly areas: readonly AreaReport[];
  readonly failures: readonly FailureReport[];
  readonly exceptions: readonly ExceptionReport[];
  /** What went wrong beside the cases, such as a storage that could not be disposed of. */
  readonly problems: readonly string[];
}

/** What a report is made from. */
export interface RunOutcome {
  readonly facts: Facts;
  readonly marconi: string;
  readonly now: Date;
  /** All that there was to run, and what was. */
  readonly planned: readonly PlannedCase[];
  readonly results: readonly CaseResult[];
  readonly problems: readonly string[];
}

/** The report of a run. */
export function makeReport({ facts, marconi, now, planned, results, problems }: RunOutcome): ConformanceReport {
  const complete = results.length === planned.length;
  const totals = totalsOf(results);
  return {
    format: REPORT_FORMAT,
    marconi,
    node: process.versions.node,
    date: now.toISOString(),
    ...facts,
    compatible: complete && totals.failed === 0 && problems.length === 0,
    complete,
    totals,
    areas: areasOf(planned, results),
    failures: byCase(results, 'failed').map(failureOf),
    exceptions: byCase(results, 'excepted').map((runs) => ({
      ...failureOf(runs),
      reason: runs[0]?.reason ?? '',
      fails: runs.some(hasFailed),
    })),
    problems,
  };
}

function totalsOf(results: readonly CaseResult[]): Totals {
  const count = (outcome: CaseResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    excepted: count('excepted'),
    notApplicable: count('notApplicable'),
  };
}

function areasOf(planned: readonly PlannedCase[], results: readonly CaseResult[]): readonly AreaReport[] {
  return [...new Set(planned.map(({ area }) => area))].map((area) => {
    const own = results.filter((result) => result.planned.area === area);
    const totals = totalsOf(own);
    const lacks = totals.notApplicable > 0 ? (area.need?.text ?? '') : '';
    return { name: area.name, verdict: verdictOf(own.length, totals), lacks, ...totals };
  });
}

function verdictOf(runs: number, totals: Totals): AreaReport['verdict'] {
  if (runs === 0) return 'notRun';
  if (totals.failed > 0) return 'fail';
  return totals.notApplicable === runs ? 'notApplicable' : 'pass';
}

/** The results of that outcome, those of the same case in several rounds together. */
function byCase(results: readonly CaseResult[], outcome: CaseResult['outcome']): readonly (readonly CaseResult[])[] {
  const found = new Map<string, CaseResult[]>();
  for (const result of results) {
    if (result.outcome !== outcome) continue;
    const { id } = result.planned;
    found.set(id, [...(found.get(id) ?? []), result]);
  }
  return [...found.values()];
}

const hasFailed = ({ message }: CaseResult): boolean => message !== '';

function failureOf(runs: readonly CaseResult[]): FailureReport {
  const failed = runs.filter(hasFailed);
  return {
    case: runs[0]?.planned.id ?? '',
    rounds: failed.flatMap(({ planned }) => (planned.round ? [planned.round.name] : [])),
    message: failed[0]?.message ?? '',
  };
}
