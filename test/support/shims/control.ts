import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** Where each number stands in the control block of `shim.h`. */
const FIELDS = ['failKind', 'failAt', 'failCalls', 'failErrno', 'syncs', 'writes', 'failed', 'syncDelayUs'] as const;
type Field = (typeof FIELDS)[number];

const KINDS = { sync: 1, write: 2 } as const;
const ERRNO = { EIO: 5, ENOSPC: 28 } as const;

/** Which calls fail. */
export interface Failure {
  readonly kind: keyof typeof KINDS;
  /** The first call that fails, counted from 1 from now on. */
  readonly at: number;
  /** How many in a row; 1 unless said otherwise. */
  readonly calls?: number;
  readonly errno?: keyof typeof ERRNO;
}

/** Steers and reads the shims of a running process through the file that they have mapped. */
export class ShimControl {
  private readonly file: number;

  /** Makes the file, everything at rest, or takes the one that is there. */
  constructor(readonly path: string) {
    this.file = openSync(path, existsSync(path) ? 'r+' : 'w+');
    if (fstatSync(this.file).size === 0) for (const field of FIELDS) this.write(field, 0);
  }

  /** Counts from 0 again and lets the calls fail. */
  fail({ kind, at, calls = 1, errno = 'EIO' }: Failure): void {
    this.heal();
    this.write('failAt', at);
    this.write('failCalls', calls);
    this.write('failErrno', ERRNO[errno]);
    this.write('failKind', KINDS[kind]);
  }

  /** Nothing fails from now on; counts from 0 again. */
  heal(): void {
    for (const field of ['failKind', 'syncs', 'writes', 'failed'] as const) this.write(field, 0);
  }

  /** Each sync takes so many milliseconds longer. */
  slowSyncs(ms: number): void {
    this.write('syncDelayUs', ms * 1000);
  }

  /** Syncs seen by the `eio` shim. */
  get syncs(): number {
    return this.read('syncs');
  }

  /** Writes seen by the `eio` shim. */
  get writes(): number {
    return this.read('writes');
  }

  /** Calls that were made to fail. */
  get failed(): number {
    return this.read('failed');
  }

  close(): void {
    closeSync(this.file);
  }

  private write(field: Field, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.file, bytes, 0, 8, FIELDS.indexOf(field) * 8);
  }

  private read(field: Field): number {
    const bytes = Buffer.alloc(8);
    readSync(this.file, bytes, 0, 8, FIELDS.indexOf(field) * 8);
    return Number(bytes.readBigInt64LE());
  }
}
