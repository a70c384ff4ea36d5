import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** Bytes that one call of `grow` writes at the most, so that it never is a pause. */
const STRIDE = 8 * 1024 * 1024;

/**
 * A file of so many bytes beside the database that is let go when even claims and deletions meet a full disk, and made
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

  /** Lets the space go; false when it had none. */
  release(): boolean {
    const held = this.size > 0;
    rmSync(this.path, { force: true });
    return held;
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
