import { dirname } from 'node:path';
import type { Binding, FileOptions } from '../options.js';

/** The largest share of the file system that the reserve, and the ballast, may be. */
const SHARE = 0.05;

/** Bytes taken per byte stored, at the worst: once in the WAL and once in the database, with the pages' slack. */
const AMPLIFICATION = 3;

/** Milliseconds for which what was refused is taken to be wanted still. */
const WANTED_MS = 5_000;

/** Watches the free space, and tells when what adds must be refused, before the disk is really full (R5). */
export class SpaceGuard {
  readonly ballastBytes: number;
  private readonly mark: number;
  private readonly folder: string;
  private refusing = false;
  private wanted = 0;
  private wantedUntil = -Infinity;

  /** `owed` tells the bytes by which checkpoints are still going to make the database file longer. */
  constructor(
    private readonly binding: Pick<Binding, 'freeSpace' | 'monotonic'>,
    { path, reserveBytes, ballastBytes }: FileOptions,
    private readonly owed: () => number,
  ) {
    this.folder = dirname(path);
    const share = Math.floor(binding.freeSpace(this.folder).size * SHARE);
    this.mark = Math.min(reserveBytes, share);
    this.ballastBytes = Math.min(ballastBytes, share);
  }

  /** True when so many bytes more are to be refused. */
  isFull(bytes: number): boolean {
    const lacking = this.lacks(bytes);
    if (lacking) this.want(bytes);
    return lacking;
  }

  /** True when there is no room for what was refused lately, or for anything. */
  isShort(): boolean {
    return this.lacks(this.binding.monotonic() < this.wantedUntil ? this.wanted : 0);
  }

  /** True when so many bytes more would still leave twice the reserve. */
  hasRoomFor(bytes: number): boolean {
    return this.available() - this.owed() - bytes > this.mark * 2;
  }

  /** Bytes free on the file system. */
  available(): number {
    return this.binding.freeSpace(this.folder).free;
  }

  /** Refusing begins at the reserve and ends a quarter of it higher. */
  private lacks(bytes: number): boolean {
    const room = this.available() - this.owed() - bytes * AMPLIFICATION;
    this.refusing = room < (this.refusing ? this.mark * 1.25 : this.mark);
    return this.refusing;
  }

  private want(bytes: number): void {
    const now = this.binding.monotonic();
    if (now < this.wantedUntil && bytes <= this.wanted) return;
    this.wanted = bytes;
    this.wantedUntil = now + WANTED_MS;
  }
}
