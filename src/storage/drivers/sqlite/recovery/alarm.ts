/**
 * Tells every thread of a storage that the disk failed one of them. While it is raised nothing is written, nothing is
 * acknowledged and no connection is opened, until `Recovery` has closed them all.
 */
export class Alarm {
  private readonly flag: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.flag = new Int32Array(shared);
  }

  /** Memory for a new alarm, to be given to every thread. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  get raised(): boolean {
    return Atomics.load(this.flag, 0) !== 0;
  }

  raise(): void {
    Atomics.store(this.flag, 0, 1);
  }

  lower(): void {
    Atomics.store(this.flag, 0, 0);
  }
}
