import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of the package this file is part of. */
export function packageVersion(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'));
    if (manifest?.name === 'marconi') return manifest.version;
  }
  throw new Error('The package manifest is missing: the installation is incomplete.');
}

function readManifest(path: string): { name: string; version: string } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return null;
  }
}
