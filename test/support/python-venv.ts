import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes a Python environment under .cache with the requirements of a file, then `pkg`, if any, without its own
 * requirements, once; gives its interpreter. It is made anew when either changes.
 */
export async function pythonWith(name: string, requirements: string, pkg = ''): Promise<string> {
  const folder = join(__dirname, '../../.cache', name);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, '.made-from');
  const wanted = createHash('sha256').update(readFileSync(requirements)).update(pkg).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(python, [...install, '-r', requirements]);
  if (pkg !== '') await run(python, [...install, '--no-deps', '--no-build-isolation', pkg]);
  writeFileSync(stamp, wanted);
  return python;
}
