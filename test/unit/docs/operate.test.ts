import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envName, flagName, loadConfig, OPTION_KEYS, OPTIONS, type Option } from '../../../src/config/index.js';
import { ExitCode } from '../../../src/cli/exit-codes.js';

const root = join(__dirname, '../../..');
const page = (name: string): string => readFileSync(join(root, 'docs/operate', name), 'utf8');

/** The cells of the rows of a page's tables that begin with a name in backticks. */
function rows(text: string): ReadonlyMap<string, readonly string[]> {
  const lines = text.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    lines.map((line) => {
      const cells = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      return [cells[0]!.replaceAll('`', ''), cells.slice(1)];
    }),
  );
}

test('configuration.md has a row for every option and no other, with its names, default, unit and reason', () => {
  const documented = rows(page('configuration.md'));
  const expected = OPTION_KEYS.map((key) => {
    const option: Option = OPTIONS[key];
    const shown = option.default === '' ? '–' : `\`${String(option.default)}\``;
    const names = `\`${flagName(key, option)}\` \`${envName(key, option)}\``;
    return [key, [names, shown, option.unit === '' ? '–' : option.unit, option.reason]];
  });
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected) as object);
});

test('metrics.md has a row for every instrument in the sources and no other', () => {
  const folder = join(root, 'src/telemetry');
  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const made = sources.flatMap((text) =>
    [...text.matchAll(/create(Observable)?(Counter|Gauge|UpDownCounter|Histogram)\('(marconi_\w+)'/g)].map(
      ([, , kind, name]) => (kind === 'Counter' ? `${name}_total` : name!),
    ),
  );
  expect(made.length).toBeGreaterThan(15);
  expect([...rows(page('metrics.md')).keys()].sort()).toEqual(made.sort());
});

test('every metric says what it means and what to alarm on', () => {
  for (const [name, cells] of rows(page('metrics.md'))) {
    expect({ name, cells: cells.length, filled: cells.every((cell) => cell !== '') }).toEqual({
      name,
      cells: 3,
      filled: true,
    });
  }
});

test('install.md lists every exit code', () => {
  const documented = rows(page('install.md'));
  for (const code of Object.values(ExitCode)) expect(documented.has(String(code))).toBe(true);
});

test('the example configuration is one that loads, and sets what it shows', () => {
  const file = join(root, 'deploy/marconi.example.yaml');
  const { origins } = loadConfig({ env: {}, flags: new Map(), file });
  const set = Object.values(origins).filter((origin) => origin.startsWith(file));
  expect(set.length).toBeGreaterThan(5);
});
