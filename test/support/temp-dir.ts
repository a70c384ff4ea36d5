import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes an empty folder for one test; `removeTempDir` or the end of the test's own clean-up takes it away. */
export function makeTempDir(name = 'test'): string {
  return mkdtempSync(join(tmpdir(), `marconi-${name}-`));
}

/** Removes what `makeTempDir` made. */
export function removeTempDir(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
