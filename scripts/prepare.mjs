// What start, test and bench need first: the right Node.js, the locked packages, a fresh build.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = 20;

/** Runs a command at the root with our own input and output; answers its exit code. */
export function run(command, args, options = {}) {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path, ...options.env };
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options, env });
  if (done.error) console.error(`${command}: ${done.error.message}`);
  return done.status ?? 1;
}

export function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= oldestNode) return;
  console.error(`Marconi needs Node.js ${oldestNode} or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Installs when node_modules is missing or holds other versions than package-lock.json. */
export function ensureInstalled() {
  if (installedAsLocked()) return;
  console.log('Installing packages (better-sqlite3 may take a minute to compile) …');
  const code = run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (code === 0) return;
  console.error(
    'npm ci failed. Where better-sqlite3 has no prebuilt binary it needs a C++ compiler, make and python3:',
  );
  console.error('  apt-get install -y g++ make python3');
  process.exit(code);
}

function installedAsLocked() {
  const had = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(had)) return false;
  const locked = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(had);
  return Object.entries(locked).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    return installed[path] ? installed[path].version === version : Boolean(optional || peer);
  });
}

const readPackages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Builds when dist is missing or older than the newest source. */
export function ensureBuilt() {
  const stamp = join(root, 'dist', '.built');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource()) return;
  console.log('Building …');
  const code = run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  if (code !== 0) process.exit(code);
}

/** Folders count too: their time tells of files that went away. */
function newestSource() {
  const sources = ['src', 'gateway', 'bench', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
  return Math.max(...sources.map((name) => join(root, name)).map(newest));
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
