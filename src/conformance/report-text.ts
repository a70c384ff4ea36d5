import type { AreaReport, ConformanceReport, FailureReport } from './report.js';

const SIGNS = { pass: 'ok  ', fail: 'FAIL', notApplicable: '-   ', notRun: '?   ' } as const;

/** The report as a text of several lines, for people. */
export function reportText(report: ConformanceReport): string {
  const { failures, exceptions, problems } = report;
  return [
    ...heading(report),
    ...section('Areas', report.areas.map(areaLine)),
    ...section('Failures', failures.flatMap(failureLines)),
    ...section(
      'Exceptions',
      exceptions.map(({ case: id, reason, fails }) => `${id}: ${reason}${fails ? '' : ' (passes: it can go)'}`),
    ),
    ...section('Problems', problems),
    '',
    verdict(report),
  ].join('\n');
}

function heading({ driver, marconi, node, date, durability, capabilities, offers }: ConformanceReport): string[] {
  const { commitScope, persistent, shared } = capabilities;
  const has = Object.entries(offers).flatMap(([name, offered]) => (offered ? [name] : []));
  return [
    `Storage driver ${driver}, by the suite of Marconi ${marconi} (Node.js ${node}, ${date})`,
    `  durability ${durability}; commits by ${commitScope}; ${persistent ? '' : 'not '}persistent; ${shared ? '' : 'not '}shared`,
    `  offers ${has.join(', ') || 'nothing beyond the least'}`,
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function areaLine({ name, verdict, lacks, passed, failed, excepted }: AreaReport): string {
  const counts = [
    `${passed} passed`,
    ...(failed ? [`${failed} failed`] : []),
    ...(excepted ? [`${excepted} excepted`] : []),
  ];
  const rest =
    verdict === 'notApplicable' ? `the storage has no ${lacks}` : verdict === 'notRun' ? 'not run' : counts.join(', ');
  return `${SIGNS[verdict]} ${name.padEnd(26)} ${rest}`;
}

function failureLines({ case: id, rounds, message }: FailureReport): readonly string[] {
  const where = rounds.length === 0 ? '' : ` (${rounds.join(', ')})`;
  return [`${id}${where}`, ...message.split('\n').map((line) => `    ${line}`)];
}

function verdict({ driver, compatible, complete, totals, problems }: ConformanceReport): string {
  const { passed, failed, excepted } = totals;
  const bad = failed > 0 || problems.length > 0;
  const word = compatible ? 'COMPATIBLE' : bad ? 'NOT COMPATIBLE' : 'INCOMPLETE';
  const counts = `${passed} passed, ${failed} failed, ${excepted} excepted`;
  return `${driver}: ${word} (${counts}${complete ? '' : '; not every case was run'})`;
}
