import { Option as CommandOption, type Command } from 'commander';
import type * as Kit from '../conformance/index.js';
import { ConfigError } from '../config/index.js';
import { ExitCode } from './exit-codes.js';
import { loadFactory } from './driver-module.js';
import { readExceptions } from './exceptions-file.js';
import { complain, print } from './output.js';

interface Flags {
  readonly json?: boolean;
  readonly exceptions?: string;
  readonly only?: readonly string[];
  readonly fault?: Kit.FaultName;
  readonly bail?: boolean;
  readonly caseSeconds: number;
}

/** `marconi conformance MODULE`: runs the suite on a driver and prints the report; ends with 1 when a case failed. */
export function addConformanceCommand(program: Command): void {
  program
    .command('conformance <module>')
    .description('run the conformance suite on a storage driver and report whether it is compatible')
    .addHelpText('after', '\nMODULE is a file or a package; its export `factory`, or its default one, makes storages.')
    .option('--json', 'print the report as JSON')
    .option('--exceptions <file>', 'cases that the driver is known to fail, YAML or JSON: case id → reason')
    .option('--only <area...>', 'run these areas alone')
    .option('--fault <name>', 'plant a fault in the driver, to see the suite fail')
    .option('--bail', 'stop at the first failure')
    .addOption(
      new CommandOption('--case-seconds <n>', 'how long one case may take').default(15).argParser(positiveNumber),
    )
    .action(async (module: string, flags: Flags) => {
      const kit = await loadKit();
      const report = await run(kit, module, flags);
      print(flags.json === true ? JSON.stringify(report, null, 2) : kit.reportText(report));
      if (report.totals.failed > 0 || report.problems.length > 0) process.exitCode = ExitCode.FAILED;
    });
}

/** The kit is loaded when it is asked for: a server does without the package that it needs. */
async function loadKit(): Promise<typeof Kit> {
  try {
    return await import('../conformance/index.js');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigError(['conformance needs the package expect: npm install --save-dev expect@30']);
  }
}

async function run(kit: typeof Kit, module: string, flags: Flags): Promise<Kit.ConformanceReport> {
  const exceptions = flags.exceptions === undefined ? {} : readExceptions(flags.exceptions);
  const problems = [...kit.exceptionProblems(exceptions), ...wrongNames(kit, flags)];
  if (problems.length > 0) throw new ConfigError(problems);
  const factory = await loadFactory(module);
  return kit.runConformance(flags.fault === undefined ? factory : kit.faultyFactory(factory, flags.fault), {
    exceptions,
    caseMs: flags.caseSeconds * 1_000,
    bail: flags.bail === true,
    ...(flags.only && { only: flags.only }),
    onCase: ({ planned, outcome }) => {
      if (outcome === 'failed') complain(`failed: ${planned.id}${planned.round ? ` (${planned.round.name})` : ''}`);
    },
  });
}

function wrongNames({ AREA_NAMES, FAULT_NAMES }: typeof Kit, { only = [], fault }: Flags): readonly string[] {
  const areas = only.filter((name) => !AREA_NAMES.includes(name));
  return [
    ...areas.map((name) => `--only: no area is called ${name}; there are: ${AREA_NAMES.join(', ')}`),
    ...(fault === undefined || FAULT_NAMES.includes(fault)
      ? []
      : [`--fault: no fault is called ${String(fault)}; there are: ${FAULT_NAMES.join(', ')}`]),
  ];
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new ConfigError([`--case-seconds: expected a number above 0, got ${JSON.stringify(text)}`]);
}
