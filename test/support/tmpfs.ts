import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** A small file system in memory, mounted by root for one test; `unmount` takes it away. */
export class SmallDisk {
  private readonly filler: string;

  constructor(
    readonly path: string,
    mebibytes: number,
  ) {
    mkdirSync(path, { mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', path]);
    this.filler = join(path, 'filler');
  }

  /** Bytes that are free. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Writes a filler file until not one byte more fits. */
  fill(): void {
    const file = openSync(this.filler, 'w');
    for (const size of [MIB, 4096, 1]) writeWhileItFits(file, Buffer.alloc(size, 1));
    closeSync(file);
  }

  /** Removes the filler file. */
  unfill(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', [this.path]);
  }
}

/** Bounded by the size of the disk: each write takes room, and the first that does not fit ends it. */
function writeWhileItFits(file: number, bytes: Buffer): void {
  try {
    while (writeSync(file, bytes) === bytes.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
