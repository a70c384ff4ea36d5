import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnv } from './server.js';

const exec = promisify(execFile);

const root = join(__dirname, '../..');

/** Where the example of a driver lives: a package of its own, that knows Marconi by its exports alone. */
export const EXAMPLE_DRIVER = join(root, 'examples/driver-lmdb');

/** Installs what the example needs, as its lock file says, and compiles it against the package as built. */
export async function buildExampleDriver(): Promise<void> {
  if (!isInstalled()) await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund']);
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']);
}

/** Runs a program in the example's folder; gives what it printed, and rejects with that when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await exec(command, args, { cwd: EXAMPLE_DRIVER, env: cleanEnv(env), maxBuffer: 1 << 26 }).catch(
    (error: Error & { readonly stdout: string; readonly stderr: string }) => {
      throw new Error(`${error.message}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout;
}

function isInstalled(): boolean {
  const had = join(EXAMPLE_DRIVER, 'node_modules/.package-lock.json');
  return existsSync(had) && lmdbVersion(had) === lmdbVersion(join(EXAMPLE_DRIVER, 'package-lock.json'));
}

function lmdbVersion(lockFile: string): string | undefined {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, { version?: string }> };
  return packages['node_modules/lmdb']?.version;
}
