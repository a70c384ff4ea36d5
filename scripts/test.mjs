// npm test: installs what the tests need, then runs every step below and counts. `--tier long` runs the same tests
// with larger numbers; `--only NAME …` runs some steps or suites.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, ensureInstalled, root, run } from './prepare.mjs';
import { ensureStandIns } from './stand-ins.mjs';

const { values, positionals } = parseArgs({
  options: { tier: { type: 'string', default: 'ci' }, only: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const minutes = values.tier === 'long' ? 240 : 15; // one step may take this long
const env = { MARCONI_TEST_TIER: values.tier };

const tools = [
  // what, how to see that it is there, the line that installs it (Debian, Ubuntu)
  ['git', ['git', '--version'], 'apt-get install -y git'],
  ['a C and C++ compiler', ['g++', '--version'], 'apt-get install -y gcc g++'],
  ['curl', ['curl', '--version'], 'apt-get install -y curl'],
  ['openssl', ['openssl', 'version'], 'apt-get install -y openssl'],
  ['make', ['make', '--version'], 'apt-get install -y make'],
  ['python3 with venv', ['python3', '-c', 'import venv, ensurepip'], 'apt-get install -y python3 python3-venv'],
];

const steps = [
  // name, kind, command (a check counts as one) or suites (each of their tests counts)
  ['generated code', 'check', ['node', 'scripts/gen.mjs', '--check']],
  ['proto lint', 'check', ['buf', 'lint']],
  ['proto breaking', 'check', ['node', 'scripts/breaking.mjs']],
  ['proto breaking, self-test', 'check', ['node', 'scripts/breaking.mjs', '--self-test']],
  ['format', 'check', ['prettier', '--check', '.', '--log-level', 'warn']],
  ['eslint', 'check', ['eslint', '.', '--max-warnings', '0']],
  ['import table', 'check', ['depcruise', ...sourceFolders(), '--config', '.dependency-cruiser.cjs']],
  ['duplicates', 'check', ['jscpd']],
  ['types', 'check', ['tsc', '-p', 'tsconfig.json']],
  ['build', 'check', ['node', 'scripts/build.mjs']],
  ['in process', 'jest', ['unit', 'conformance', 'property'], ['--coverage']],
  ['histories', 'jest', ['history']],
  ['model', 'jest', ['model']],
  ['mongo', 'jest', ['mongo']],
  // These start servers of their own, and kill and pause them: one after another.
  ['faults', 'jest', ['faults'], ['--runInBand']],
  ['cores', 'jest', ['cores'], ['--runInBand']],
  ['at the doors', 'jest', ['security', 'fuzz', 'doors', 'e2e']],
];

function sourceFolders() {
  return ['src', 'gateway', 'bench', 'examples'].filter((name) => existsSync(join(root, name)));
}

function checkTools() {
  const missing = tools.filter(([, probe]) => run(probe[0], probe.slice(1), { stdio: 'ignore' }) !== 0);
  for (const [name, , install] of missing) console.error(`The tests need ${name}: ${install}`);
  if (missing.length > 0) process.exit(1);
}

const outcome = (name, passed, failed, skipped = 0) => ({ name, passed, failed, skipped });

function check([name, , command]) {
  const code = run(command[0], command.slice(1), { env, timeout: minutes * 60_000 });
  return [outcome(name, code === 0 ? 1 : 0, code === 0 ? 0 : 1)];
}

/** One jest run over some suites; a row for each, and one for the run itself when it failed though no test did. */
function jest([name, , suites, options = []]) {
  const present = suites.filter(hasTests);
  if (present.length === 0) return [];
  // Coverage is of all suites together: a part of them proves nothing about it.
  const wanted = values.only ? options.filter((option) => option !== '--coverage') : options;
  const report = join(root, '.cache', 'test', `${suites[0]}.json`);
  rmSync(report, { force: true });
  const args = ['--ci', '--json', `--outputFile=${report}`, '--selectProjects', ...present, ...wanted];
  const code = run('jest', args, { env, timeout: minutes * 60_000 });
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [];
  const rows = present.map((suite) => count(suite, files));
  const broken = code !== 0 && rows.every((row) => row.failed === 0);
  return broken ? [...rows, outcome(`${name}: jest or its coverage`, 0, 1)] : rows;
}

/** A file that did not load, and a suite that ran no test, count as one failure. */
function count(suite, files) {
  const own = files.filter((file) => file.name.startsWith(join(root, 'test', suite, '/')));
  const tests = own.flatMap((file) => file.assertionResults);
  const having = (...status) => tests.filter((test) => status.includes(test.status)).length;
  const unloaded = own.filter((file) => file.status === 'failed' && !file.assertionResults.some(isFailed)).length;
  const passed = having('passed');
  const failed = having('failed') + unloaded;
  const ran = passed + failed > 0;
  if (!ran) console.error(`test/${suite} has test files, but none of their tests ran.`);
  return outcome(suite, passed, ran ? failed : 1, having('pending', 'todo', 'disabled'));
}

const isFailed = (test) => test.status === 'failed';

function hasTests(suite) {
  const folder = join(root, 'test', suite);
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => file.endsWith('.test.ts'));
}

function runStep(step) {
  const [name, kind] = step;
  console.log(`\n── ${name}`);
  const started = Date.now();
  const rows = kind === 'jest' ? jest(step) : check(step);
  return rows.map((row, index) => ({ ...row, seconds: index === 0 ? (Date.now() - started) / 1000 : undefined }));
}

function isChosen([name, kind, what]) {
  if (!values.only) return true;
  return positionals.includes(name) || (kind === 'jest' && what.some((suite) => positionals.includes(suite)));
}

function printTable(rows) {
  console.log(
    `\n${'step'.padEnd(36)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'s'.padStart(9)}`,
  );
  for (const { name, passed, failed, skipped, seconds } of rows) {
    const time = seconds === undefined ? '' : seconds.toFixed(1);
    const cells = [
      String(passed).padStart(8),
      String(failed).padStart(8),
      String(skipped).padStart(9),
      time.padStart(9),
    ];
    console.log(`${name.padEnd(36)}${cells.join('')}`);
  }
}

checkNode();
checkTools();
ensureInstalled();
mkdirSync(join(root, '.cache', 'test'), { recursive: true });

const chosen = steps.filter(isChosen);
if (chosen.some(([name]) => ['mongo', 'cores'].includes(name))) ensureStandIns();
const rows = chosen.flatMap(runStep);
printTable(rows);
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
