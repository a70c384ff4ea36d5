import { stripVTControlCharacters } from 'node:util';
import { packageVersion } from '../process/version.js';
import { Bench } from './bench.js';
import { checkExceptions, type Exceptions } from './exceptions.js';
import type { StorageFactory } from './factory.js';
import { planSuite, type PlannedCase } from './plan.js';
import { AREA_NAMES } from './suite.js';
import { makeReport, type CaseResult, type ConformanceReport } from './report.js';

/** How long one case may take unless told otherwise, in milliseconds: much more than a slow server needs. */
export const CASE_MS = 15_000;

/** Characters of a failure's message that the report keeps: enough for two listings side by side. */
const MESSAGE_LENGTH = 2_000;

/** How the suite is to run. */
export interface RunOptions {
  /** How long one case may take, in milliseconds. */
  readonly caseMs?: number;
  /** Cases that the driver is known to fail, and why. */
  readonly exceptions?: Exceptions;
  /** Names of the areas to run; all when left out. */
  readonly only?: readonly string[];
  /** Stop at the first failure. */
  readonly bail?: boolean;
  /** Told of each case when it is over. */
  readonly onCase?: (result: CaseResult) => void;
}

/**
 * Runs the suite by itself, one case after another, and reports. A case that fails or hangs does not end the run; a
 * driver that blocks the event loop does. Rejects when no storage can be made, or an exception or area is unknown.
 */
export async function runConformance(factory: StorageFactory, options: RunOptions = {}): Promise<ConformanceReport> {
  const { caseMs = CASE_MS, exceptions = {}, only, bail = false, onCase } = options;
  checkExceptions(exceptions);
  const planned = planSuite();
  const wanted = only === undefined ? planned : inAreas(planned, only);
  const bench = new Bench(factory, caseMs);
  const facts = await bench.readFacts();
  const results: CaseResult[] = [];
  for (const one of wanted) {
    const result = await runOne(bench, one, exceptions[one.id] ?? '');
    results.push(result);
    onCase?.(result);
    if (bail && result.outcome === 'failed') break;
  }
  const problems = await bench.end().then(
    () => [],
    (failure: unknown) => [messageOf(failure)],
  );
  return makeReport({ facts, marconi: packageVersion(), now: new Date(), planned, results, problems });
}

function inAreas(planned: readonly PlannedCase[], names: readonly string[]): readonly PlannedCase[] {
  const unknown = names.filter((name) => !AREA_NAMES.includes(name));
  if (unknown.length === 0) return planned.filter(({ area }) => names.includes(area.name));
  throw new Error(`no area is called ${unknown.join(', ')}; there are: ${AREA_NAMES.join(', ')}`);
}

async function runOne(bench: Bench, planned: PlannedCase, reason: string): Promise<CaseResult> {
  const [outcome, message] = await bench.run(planned).then(
    (end) => [end, ''] as const,
    (failure: unknown) => ['failed', messageOf(failure)] as const,
  );
  const excepted = reason !== '' && outcome !== 'notApplicable';
  return { planned, outcome: excepted ? 'excepted' : outcome, message, reason };
}

function messageOf(failure: unknown): string {
  const text = stripVTControlCharacters(failure instanceof Error ? failure.message : String(failure));
  const whole = text.trim() === '' ? 'failed without a message' : text.trim();
  return whole.length <= MESSAGE_LENGTH ? whole : `${whole.slice(0, MESSAGE_LENGTH)} …`;
}
