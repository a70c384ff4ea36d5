import { dirname } from 'node:path';
import type { Binding, FileOptions } from '../options.js';

/** Milliseconds for which a measurement of the free space is believed. */
const BELIEVED_MS = 50;

/** The largest share of the file system that the reserve, and the ballast, may be. */
const SHARE = 0.05;

/** Bytes written per byte stored, at the worst: once to the WAL and once to the database, with the pages' slack. */
const AMPLIFICATION = 3;

/** Milliseconds for which what was refused is taken to be wanted still. */
const WANTED_MS = 5_000;

/** Watches the free space, and tells when what adds must be refused, before the disk is really full (R5). */
export class SpaceGuard {
  readonly ballastBytes: number;
  private readonly mark: number;
  private readonly folder: string;
  private free = 0;
  private measuredAt = -Infinity;
  private refusing = false;
  private wanted = 0;
  private wantedUntil = -Infinity;

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
    if (this.refusing) this.want(bytes);
    return this.refusing;
  }

  /** True when there is no room for what was refused lately, or for anything. */
  isShort(): boolean {
    return this.isFull(this.binding.monotonic() < this.wantedUntil ? this.wanted : 0);
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

  private want(bytes: number): void {
    const now = this.binding.monotonic();
    if (now < this.wantedUntil && bytes <= this.wanted) return;
    this.wanted = bytes;
    this.wantedUntil = now + WANTED_MS;
  }
}
