import { mkdtempSync, realpathSync } from 'node:fs';

/**
 * Makes an empty folder in memory and gives its real path, for tests whose shims decide what a sync is worth: the
 * machine's own disk would only make them slow. `removeTempDir` takes it away.
 */
export function makeMemoryDir(name: string): string {
  return realpathSync(mkdtempSync(`/dev/shm/marconi-${name}-`));
}
