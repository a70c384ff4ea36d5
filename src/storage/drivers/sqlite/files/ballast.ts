import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';

/** Bytes that one call of `grow` writes at the most, so that it never is a pause. */
const STRIDE = 8 * 1024 * 1024;

/** Into how many slices it is let go, and the bytes of one at the least. */
const SLICES = 8;
const LEAST_SLICE = 256 * 1024;

/**
 * A file of so many bytes beside the database that is let go, slice by slice, when even claims and deletions meet a full disk, and made
 * again when there is room. Random bytes, as some file systems store zeros in no space.
 */
export class Ballast {
  constructor(
    private readonly path: string,
    private readonly bytes: number,
  ) {}

  /** Bytes that are missing to its full size. */
  get missing(): number {
    return Math.max(0, this.bytes - this.size);
  }

  /** Lets a slice of the space go, so that no other program can take it all at once; false when none is left. */
  release(): boolean {
    const { size } = this;
    if (size === 0) return false;
    const slice = Math.max(LEAST_SLICE, Math.ceil(this.bytes / SLICES));
    truncateSync(this.path, Math.max(0, size - slice));
    return true;
  }

  /** Writes the next stretch; what meets a full disk lets the space go again. */
  grow(): void {
    const bytes = Math.min(this.missing, STRIDE);
    if (bytes === 0) return;
    try {
      this.append(randomFillSync(Buffer.allocUnsafe(bytes)));
    } catch {
      rmSync(this.path, { force: true });
    }
  }

  private append(bytes: Uint8Array): void {
    const file = openSync(this.path, 'a', 0o600);
    try {
      for (let at = 0; at < bytes.byteLength;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  private get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
