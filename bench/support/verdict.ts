/** Figures against their bars; a bench ends with a bad exit code when one is missed. */
export class Verdict {
  private misses = 0;

  /** Prints one figure and whether it keeps within its bar. */
  check(name: string, kept: boolean, text: string): void {
    if (!kept) this.misses++;
    console.log(`${kept ? 'ok  ' : 'MISS'} ${name}: ${text}`);
  }

  /** Prints the sum and sets the exit code. */
  finish(): void {
    console.log(this.misses === 0 ? 'every bar kept' : `${this.misses} bars missed`);
    process.exitCode = this.misses === 0 ? 0 : 1;
  }
}
