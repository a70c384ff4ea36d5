import { dirname } from 'node:path';
import type { Binding, FileOptions } from '../options.js';

/** Milliseconds for which a measurement of the free space is believed. */
const BELIEVED_MS = 50;

/** The largest share of the file system that the reserve, and the ballast, may be. */
const SHARE = 0.05;

/** Bytes written per byte stored, at the worst: once to the WAL and once to the database, with the pages' slack. */
const AMPLIFICATION = 3;

/** Watches the free space, and tells when what adds must be refused, before the disk is really full (R5). */
export class SpaceGuard {
  readonly ballastBytes: number;
  private readonly mark: number;
  private readonly folder: string;
  private free = 0;
  private measuredAt = -Infinity;
  private refusing = false;

  constructor(
    private readonly binding: Pick<Binding, 'freeSpace' | 'monotonic'>,
    { path, reserveBytes, ballastBytes }: FileOptions,
  ) {
    this.folder = dirname(path);
    const share = Math.floor(binding.freeSpace(this.folder).size * SHARE);
    this.mark = Math.min(reserveBytes, share);
    this.ballastBytes = Math.min(ballastBytes, share);
  }

  /** True when there is no room above the reserve for so many bytes more. It ends a quarter of the reserve higher. */
  isFull(bytes: number): boolean {
    const room = this.available() - bytes * AMPLIFICATION;
    this.refusing = room < (this.refusing ? this.mark * 1.25 : this.mark);
    return this.refusing;
  }

  /** As the last question left it. */
  get full(): boolean {
    return this.refusing;
  }

  /** True when so many bytes more would still leave twice the reserve. */
  hasRoomFor(bytes: number): boolean {
    return this.available() - bytes > this.mark * 2;
  }

  /** Bytes free on the file system, measured lately. */
  available(): number {
    const now = this.binding.monotonic();
    if (now - this.measuredAt >= BELIEVED_MS) {
      this.free = this.binding.freeSpace(this.folder).free;
      this.measuredAt = now;
    }
    return this.free;
  }

  /** The disk was found full, or space was given back: measure anew. */
  forget(): void {
    this.measuredAt = -Infinity;
  }
}
