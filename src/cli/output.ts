/** Writes one line (or a text of several) to standard output: what the command was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes to standard error: what went wrong. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}
