import { closeSync, existsSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK = 1024 * 1024;

/**
 * Writes the WAL over itself and syncs it, while no connection of this process is open. What a failed sync left out is
 * then on the disk too: until the WAL is reset, a power failure finds all of it, and not only its beginning beside pages
 * of the database that are newer. Throws what the file system throws.
 */
export function rewriteWal(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let at = 0; ;) {
      const length = readSync(file, chunk, 0, CHUNK, at);
      if (length === 0) break;
      for (let done = 0; done < length;) done += writeSync(file, chunk, done, length - done, at + done);
      at += length;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
