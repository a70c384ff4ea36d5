import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Exceptions } from '../../../src/conformance/index.js';

const FILE = join(__dirname, '../../mongo/exceptions.yaml');

/** What the driver may fail on the server of that name, and why. */
export function exceptionsOn(server: string): Exceptions {
  const all = parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, Exceptions>>;
  return all[server] ?? {};
}
