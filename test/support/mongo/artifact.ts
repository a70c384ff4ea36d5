import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = join(__dirname, '../../../scripts/stand-ins.mjs');
const made = new Map<string, Promise<string>>();

/** The folder of a stand-in as built; builds it when that has not been done. */
export function artifact(name: 'java-server' | 'ferretdb' | 'secantus'): Promise<string> {
  const known = made.get(name) ?? run(process.execPath, [SCRIPT, name]).then(({ stdout }) => stdout.trim());
  made.set(name, known);
  return known;
}
