// The stand-ins for MongoDB that tests talk to, each made once into .cache/stand-ins and kept until its sources change.
// `node scripts/stand-ins.mjs` makes all of them; with a name it makes that one and prints its folder.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './prepare.mjs';

const sources = join(root, 'test', 'support', 'mongo');
const cache = join(root, '.cache', 'stand-ins');
const minutes = 15; // one may take this long, and so may the wait for another process that makes it

const tool = (name, probe, packages) => ({ name, probe, packages });
const jdk = tool('a JDK, 17 or later', 'javac --version', 'openjdk-17-jdk-headless');
const maven = tool('Maven', 'mvn --version', 'maven');
const go = tool('Go, 1.21 or later', 'go version | grep -E "go1[.](2[1-9]|[3-9][0-9])"', 'golang-go');
const python = tool('python3 with venv', "python3 -c 'import venv, ensurepip'", 'python3 python3-venv');
// Debian keeps the server's commands out of the path.
const postgresql = tool('PostgreSQL', 'PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)" pg_ctl --version', 'postgresql');
const faketime = tool('libfaketime', 'faketime --version', 'faketime');

/** What each takes to be made and to be run, and the lines that make it. */
const standIns = {
  'java-server': {
    tools: [jdk, maven],
    runsWith: [jdk],
    make: (from, into) => [`mvn -q -B -ntp -f '${from}/pom.xml' -Doutput='${into}' process-classes`],
  },
  ferretdb: {
    tools: [go],
    runsWith: [postgresql],
    make: (from, into) => [`go build -C '${from}' -trimpath -o '${into}/ferretdb' .`],
  },
  secantus: {
    tools: [python],
    runsWith: [python],
    make: (from, into) => [
      `python3 -m venv '${into}'`,
      `'${into}/bin/python' -m pip install -q --disable-pip-version-check -r '${from}/requirements.txt'`,
    ],
  },
};

/** Makes all that are not there yet; ends the process when that is not possible. */
export function ensureStandIns() {
  try {
    for (const [name, { runsWith }] of Object.entries(standIns)) {
      ensureStandIn(name);
      runsWith.forEach((needed) => requireTool(name, needed));
    }
    requireTool('a core with a wrong clock', faketime);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

/** Makes one unless it is there; answers its folder. */
function ensureStandIn(name) {
  const from = join(sources, name);
  const into = join(cache, `${name}-${fingerprint(from, standIns[name].make)}`);
  if (isMade(into)) return into;
  mkdirSync(cache, { recursive: true });
  const release = lock(`${into}.lock`);
  try {
    if (!isMade(into)) make(name, from, into);
  } finally {
    release();
  }
  return into;
}

const isMade = (folder) => existsSync(join(folder, 'made'));

function make(name, from, into) {
  const { tools, make: lines } = standIns[name];
  tools.forEach((needed) => requireTool(name, needed));
  console.error(`Making ${name} …`);
  removeOld(name);
  for (const line of lines(from, into)) {
    if (shell(line) !== 0) throw new Error(`${name} could not be made: ${line}`);
  }
  writeFileSync(join(into, 'made'), '');
}

/** Of other sources, a day old: tests that use a newer one may still run. */
function removeOld(name) {
  for (const entry of readdirSync(cache).filter((entry) => entry.startsWith(`${name}-`))) {
    const path = join(cache, entry);
    if (Date.now() - statSync(path).mtimeMs > 24 * 3600_000) rmSync(path, { recursive: true, force: true });
  }
}

/** Runs a line; what it prints goes to our errors, for our output is the answer. */
function shell(line, quiet = false) {
  const stdio = quiet ? 'ignore' : ['ignore', 2, 2];
  return spawnSync('sh', ['-c', line], { stdio, timeout: minutes * 60_000 }).status ?? 1;
}

/** On a CI machine of our own a missing tool is installed; elsewhere that is for its owner to do. */
function requireTool(name, { name: needed, probe, packages }) {
  if (shell(probe, true) === 0) return;
  const install = `apt-get install -y ${packages}`;
  if (process.env.CI === 'true' && process.getuid() === 0) shell(`apt-get update -q && ${install} -q`);
  if (shell(probe, true) !== 0) throw new Error(`${name}, which the tests talk to, needs ${needed}: ${install}`);
}

/** Of the files in a folder, by name and content, and of how they are made into something. */
function fingerprint(folder, make) {
  const hash = createHash('sha256').update(String(make));
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) hash.update(name).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/** Waits until no other living process holds the folder of that name; answers how to give it up. */
function lock(path) {
  const end = Date.now() + minutes * 60_000;
  for (;;) {
    try {
      mkdirSync(path);
      writeFileSync(join(path, 'pid'), String(process.pid));
      return () => rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST' || Date.now() > end) throw error;
    }
    if (isAbandoned(path)) rmSync(path, { recursive: true, force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

/** A holder writes its id at once, so a folder without one for long is of a process that ended in between. */
function isAbandoned(path) {
  try {
    process.kill(Number(readFileSync(join(path, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 5000;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const name = process.argv[2];
  if (name === undefined) ensureStandIns();
  else if (name in standIns) console.log(ensureStandIn(name));
  else throw new Error(`${name} is none of ${Object.keys(standIns).join(', ')}.`);
}
