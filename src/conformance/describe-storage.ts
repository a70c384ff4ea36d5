import { Bench } from './bench.js';
import { checkExceptions, type Exceptions } from './exceptions.js';
import type { StorageFactory } from './factory.js';
import { areasOf, casesOf, ROUNDS, type PlannedCase, type Round } from './plan.js';
import { CASE_MS } from './run.js';

/** What a test runner offers; node:test calls the last of them `after`. */
export interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  afterAll(body: () => Promise<void>): void;
}

/** How the suite is to run under a test runner. */
export interface DescribeOptions {
  /** The runner's functions; its globals when left out. */
  readonly runner?: Runner;
  /** How long one case may take, in milliseconds; less than the runner allows, so that the case is named. */
  readonly caseMs?: number;
  /** Gives each case a storage of its own, for servers that read all that they hold for each statement. */
  readonly apart?: boolean;
  /** Which cases to describe; all when left out. */
  readonly wanted?: (planned: PlannedCase) => boolean;
  /** Cases that the driver is known to fail, and why. Each must fail: one that passes has no business here. */
  readonly exceptions?: Exceptions;
}

/**
 * Describes the rules that every storage keeps to a test runner, written against the ports alone: semantics sections 1
 * to 8 and 11, and the promises of the ports themselves. Cases of areas that do not concern the storage do nothing.
 */
export function describeStorage(name: string, factory: StorageFactory, options: DescribeOptions = {}): void {
  const { runner = ambientRunner(), caseMs = CASE_MS, apart = false, wanted = () => true, exceptions = {} } = options;
  checkExceptions(exceptions);
  const bench = new Bench(factory, caseMs, apart);
  const describeRound = (round: Round | null): void => {
    for (const area of areasOf(round)) {
      const cases = casesOf(area, round).filter(wanted);
      if (cases.length === 0) continue;
      runner.describe(area.name, () => {
        for (const planned of cases) describeCase(runner, bench, planned, exceptions[planned.id]);
      });
    }
  };
  runner.describe(`storage ${name}`, () => {
    describeRound(null);
    for (const round of ROUNDS) runner.describe(round.name, () => describeRound(round));
    runner.afterAll(() => bench.end());
  });
}

function describeCase(runner: Runner, bench: Bench, planned: PlannedCase, reason: string | undefined): void {
  if (reason === undefined) {
    runner.it(planned.title, async () => void (await bench.run(planned)));
    return;
  }
  runner.it(`fails, excepted: ${planned.title} (${reason})`, async () => {
    const end = await bench.run(planned).catch(() => 'failed');
    if (end !== 'failed') throw new Error(`The case is excepted and did not fail: ${end}.`);
  });
}

function ambientRunner(): Runner {
  const ambient: object = globalThis;
  if ('describe' in ambient && 'it' in ambient && 'afterAll' in ambient) return ambient as Runner;
  throw new Error('describeStorage finds no global describe, it and afterAll: hand it those of your test runner.');
}
