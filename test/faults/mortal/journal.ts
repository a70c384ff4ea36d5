import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const NEWLINE = '\n'.charCodeAt(0);
/** Bytes that are read at once: more than any line has. */
const PORTION_BYTES = 1024 * 1024;

/** The file in which a process writes what it does before it goes on. A line is with the kernel then: it outlives a kill. */
export class Journal {
  /** What the former lives of the process wrote. */
  readonly past: readonly string[];
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a+');
    const bytes = readFileSync(this.file);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    // A line that the kill cut off tells nothing, and the next one must not be added to it.
    ftruncateSync(this.file, whole);
    this.past = bytes.toString('utf8', 0, whole).split('\n').slice(0, -1);
  }

  write(line: string): void {
    writeSync(this.file, `${line}\n`);
  }
}

/** Reads a journal while it is written. */
export class JournalReader {
  /** Bytes that were read. */
  offset = 0;
  private readonly file: number;
  private readonly portion = Buffer.alloc(PORTION_BYTES);

  constructor(path: string) {
    this.file = openSync(path, 'a+');
  }

  /** The whole lines since the last time. */
  *lines(): Generator<string> {
    for (;;) {
      const read = readSync(this.file, this.portion, 0, PORTION_BYTES, this.offset);
      const whole = this.portion.subarray(0, read).lastIndexOf(NEWLINE) + 1;
      if (whole === 0) return;
      this.offset += whole;
      yield* this.portion.toString('utf8', 0, whole).split('\n').slice(0, -1);
    }
  }

  close(): void {
    closeSync(this.file);
  }
}
